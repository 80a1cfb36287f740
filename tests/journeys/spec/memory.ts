// Получить все факты
const memories = await fetch('/api/chats/1/memories', {
  headers: { Authorization: `tma ${initData}` }
});

// Удалить конкретный факт
await fetch('/api/chats/1/memories/5', {
  method: 'DELETE',
  headers: { Authorization: `tma ${initData}` }
});

// Забыть всё
await fetch('/api/chats/1/memories', {
  method: 'DELETE',
  headers: { Authorization: `tma ${initData}` }
});

// Забыть последние 5 сообщений
await fetch('/api/chats/1/forget-recent', {
  method: 'POST',
  headers: { 
    Authorization: `tma ${initData}`,
    'Content-Type': 'application/json'
  },
  body: JSON.stringify({ count: 5 })
});
