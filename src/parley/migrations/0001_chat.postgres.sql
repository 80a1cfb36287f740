CREATE SEQUENCE message_id;
