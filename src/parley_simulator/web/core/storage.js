/**
 * What a Mini App keeps with Telegram: cloud, device and secure storage. Pure but for `shelf`, a Map-like thing that
 * the caller gives, one for each bot and person.
 */

const KEY = /^[A-Za-z0-9_-]{1,128}$/;
const LONGEST_VALUE = 4096;
const MOST_KEYS = 1024;

const refused = (error) => ({ error });

/** A custom method of the cloud storage: `{result}` or `{error}`. */
export function cloud(shelf, method, parameters = {}) {
  switch (method) {
    case "saveStorageValue":
      return save(shelf, parameters);
    case "getStorageValue":
      return KEY.test(parameters.key) ? { result: shelf.get(parameters.key) ?? "" } : refused("KEY_INVALID");
    case "getStorageValues":
      return values(shelf, parameters.keys);
    case "deleteStorageValue":
      return remove(shelf, [parameters.key]);
    case "deleteStorageValues":
      return remove(shelf, parameters.keys);
    case "getStorageKeys":
      return { result: [...shelf.keys()] };
    case "getRequestedContact":
      return refused("NOT_FOUND");
    default:
      return refused("METHOD_INVALID");
  }
}

function save(shelf, { key, value }) {
  if (!KEY.test(key)) return refused("KEY_INVALID");
  if (typeof value !== "string" || value.length > LONGEST_VALUE) return refused("VALUE_INVALID");
  if (!shelf.has(key) && shelf.size >= MOST_KEYS) return refused("QUOTA_EXCEEDED");
  shelf.set(key, value);
  return { result: true };
}

const areKeys = (keys) => Array.isArray(keys) && keys.every((key) => KEY.test(key));

function values(shelf, keys) {
  if (!areKeys(keys)) return refused("KEY_INVALID");
  return { result: Object.fromEntries(keys.map((key) => [key, shelf.get(key) ?? ""])) };
}

function remove(shelf, keys) {
  if (!areKeys(keys)) return refused("KEY_INVALID");
  keys.forEach((key) => shelf.delete(key));
  return { result: true };
}

/** A call to `web_app_device_storage_*` or `web_app_secure_storage_*`: the event that answers it. */
export function local(shelf, event, data) {
  const [, kind, verb] = /^web_app_(device|secure)_storage_(\w+)$/.exec(event);
  const answer = (name, more = {}) => [`${kind}_storage_${name}`, { req_id: data.req_id, ...more }];
  const { key, value = null } = data;
  if (verb === "clear") {
    shelf.clear();
    return answer("cleared");
  }
  if (typeof key !== "string" || key === "") return answer("failed", { error: "KEY_INVALID" });
  switch (verb) {
    case "save_key":
      return kept(shelf, key, value) ? answer("key_saved") : answer("failed", { error: "VALUE_INVALID" });
    case "get_key":
      return answer("key_received", { value: shelf.get(key) ?? null, ...(kind === "secure" ? { can_restore: false } : {}) });
    case "restore_key":
      return answer("failed", { error: "RESTORE_UNAVAILABLE" });
    default:
      return answer("failed", { error: "METHOD_INVALID" });
  }
}

function kept(shelf, key, value) {
  if (value === null) shelf.delete(key);
  else if (typeof value === "string") shelf.set(key, value);
  return value === null || typeof value === "string";
}
