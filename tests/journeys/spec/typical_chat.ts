// 1. Получить историю сообщений
const history = await fetch('/api/chats/1/messages?limit=20', {
  headers: { Authorization: `tma ${window.Telegram.WebApp.initData}` }
});

// 2. Открыть WebSocket соединение
const ws = new WebSocket(
  `wss://api.example.com/api/ws/chat/1?initData=${window.Telegram.WebApp.initData}`
);

ws.onmessage = (event) => {
  const { event: eventType, data } = JSON.parse(event.data);
  
  if (eventType === 'message.new') {
    appendMessage(data);
  } else if (eventType === 'message.typing') {
    showTypingIndicator(data.is_typing);
  }
};

// 3. Отправить сообщение
ws.send(JSON.stringify({
  event: 'send_message',
  data: { message: 'Привет!' }
}));

// 4. Проверить лимиты
const limits = await fetch('/api/users/limits', {
  headers: { Authorization: `tma ${window.Telegram.WebApp.initData}` }
});
