/** What each logo and icon may be (spec 23, "Assets"). */
export interface AssetRule {
  /** Extensions of the types that are taken. */
  extensions: readonly string[];
  /** Exactly so many pixels. */
  size?: { width: number; height: number };
}

const drawing: AssetRule = { extensions: ['svg', 'png', 'jpg', 'jpeg'] };
const png = (width: number, height = width): AssetRule => ({ extensions: ['png'], size: { width, height } });

export const ASSETS: Readonly<Record<string, AssetRule>> = {
  logo: drawing,
  logo_dark: drawing,
  background: drawing,
  background_dark: drawing,
  favicon_ico: { extensions: ['ico'] },
  favicon: { extensions: ['svg'] },
  favicon_16: png(16),
  favicon_32: png(32),
  favicon_192: png(192),
  favicon_512: png(512),
  touchicon_180: png(180),
  touchicon_180_pre: png(180),
  tile_70: png(70),
  tile_144: png(144),
  tile_150: png(150),
  tile_310_square: png(310),
  tile_310_wide: png(310, 150),
  safari_pinned: { extensions: ['svg'] },
  livechat_widget_logo: drawing,
};

/** Extensions by the type of a file. */
export const EXTENSION_OF: Readonly<Record<string, string>> = {
  'image/svg+xml': 'svg',
  'image/png': 'png',
  'image/jpeg': 'jpg',
  'image/x-icon': 'ico',
  'image/vnd.microsoft.icon': 'ico',
};
