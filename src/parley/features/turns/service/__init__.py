"""The story of a message: it waits its turn, is stored with its unit, is answered, and the reply is stored.

`turns` tells the story; `queue` lets one turn at a time into a chat; `opening` is the first transaction, `speaking` the
time with the model, `closing` the last transaction; `recovery` cleans up after processes that died.
"""
