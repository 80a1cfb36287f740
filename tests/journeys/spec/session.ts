// Поменять отношения на "партнёр" и настроение на "игривый"
await fetch('/api/chats/1/session', {
  method: 'PATCH',
  headers: {
    Authorization: `tma ${initData}`,
    'Content-Type': 'application/json'
  },
  body: JSON.stringify({
    relationship_type: 'partner',
    mood_preference: 'playful'
  })
});
