/** Custom emoji and sounds as the streams tell of them (spec 40 §8.5, §8.7). */

export interface EmojiData {
  _id: string;
  name: string;
  aliases: readonly string[];
  extension: string;
  etag: string;
  previousName?: string;
  previousExtension?: string;
}

export interface SoundData {
  _id: string;
  name: string;
  extension: string;
}

declare module '../kernel/events.ts' {
  interface Events {
    'customEmoji.changed': { action: 'updated' | 'deleted'; emoji: EmojiData };
    'customSound.changed': { action: 'updated' | 'deleted'; sound: SoundData };
  }
}
