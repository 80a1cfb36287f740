/** Errors as one calm line: what happened and what to do about it. */

/** The notice of an error, `{text, action, seconds, until}`; `action` names what the page offers to do. */
export function noticeOf({ code, details }, words) {
  switch (code) {
    case "daily_limit_exceeded":
      return { text: words.dailyLimit(whenOf(details.limits?.resets_at, words)) };
    case "rate_limit":
      return { text: words.rate(details.retry_after), seconds: details.retry_after };
    case "premium_required":
      return { text: words.premiumRequired };
    case "age_confirmation_required":
      return { text: words.ageRequired, action: "confirmAdult", label: words.iAmAdult };
    case "llm_error":
      return { text: words.llmError, action: "regenerate", label: words.tryAgain };
    case "conflict":
      return { text: words.stopped, action: "regenerate", label: words.answer };
    case "unauthorized":
      return { text: words.unauthorized, action: "reload", label: words.reload };
    case "character_not_found":
      return { text: words.gone };
    case "invalid_input":
      return { text: words.invalid };
    default:
      return { text: { offline: words.offline }[code] ?? words.broken };
  }
}

/** "tomorrow at 03:00", by the person's own clock. */
function whenOf(resetsAt, words) {
  if (!resetsAt) return words.soon;
  const at = new Date(resetsAt);
  const days = Math.round((new Date(at).setHours(0, 0, 0, 0) - new Date().setHours(0, 0, 0, 0)) / 86_400_000);
  const day = new Intl.RelativeTimeFormat(words.locale, { numeric: "auto" }).format(days, "day");
  return words.at(day, at.toLocaleTimeString(words.locale, { hour: "2-digit", minute: "2-digit" }));
}
