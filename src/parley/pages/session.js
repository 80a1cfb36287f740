/** The chat's settings: what the two are to each other, the tone, a new scene, forgetting. */
import { choice, confirmed, element, signButton, wordButton } from "./elements.js";

/** Open the settings; `change` gets members of a session, `begin` the name of a new beginning. */
export function openSettings(session, words, { change, begin }) {
  const beginning = (name, hint, question, kind) => {
    const asked = async () => {
      dialog.close();
      if (await confirmed(question, words[name], words.cancel)) begin(name);
    };
    return element("div", { class: "beginning" }, element("p", {}, hint), wordButton(words[name], asked, kind));
  };
  const dialog = element(
    "dialog",
    { class: "settings", "aria-label": words.settings, onclose: () => dialog.remove() },
    element("div", { class: "row top" }, element("h2", {}, words.settings), signButton("close", words.close, () => dialog.close())),
    choice(words.relationship, words.relationships, session.relationship_type, (value) => change({ relationship_type: value })),
    choice(words.mood, words.moods, session.mood_preference, (value) => change({ mood_preference: value })),
    beginning("newScene", words.newSceneHint, words.newSceneAsk, "plain"),
    beginning("reset", words.resetHint, words.resetAsk, "danger"),
  );
  document.body.append(dialog);
  dialog.showModal();
}
