/** The words of a person's language: English for those who speak it, Russian for all others. */
import { en } from "./words_en.js";
import { ru } from "./words_ru.js";

export const wordsFor = (code) => ((code ?? "").toLowerCase().startsWith("en") ? en : ru);
