const MAX_LENGTH = 35;

/** What can name a language, such as `de` or `zh-Hant`: it goes into addresses and becomes the name of a member. */
export const isLanguage = (text: string): boolean =>
  text.length <= MAX_LENGTH && /^[a-z]{2,8}(?:[-_][a-z\d]{1,8})*$/i.test(text);
