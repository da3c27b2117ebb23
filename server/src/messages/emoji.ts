/**
 * Whether a shortcode (without colons) can be a reaction. There is no table of standard emoji yet, so every
 * well-formed name passes; clients show unknown ones as text.
 */
export const isKnownEmoji = (shortcode: string): boolean => /^[\p{L}\p{N}_+-]{1,64}$/u.test(shortcode);
