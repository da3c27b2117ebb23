import { readFile } from 'node:fs/promises';
import type { Sharp, SharpOptions } from 'sharp';
import type { Context } from '../context.ts';
import { Turnstile } from '../kernel/turnstile.ts';
import type { TempFile } from './blobs/scratch.ts';
import type { ImageFacts } from './file.ts';

/**
 * Work on pictures, through `sharp`, which is optional: without it pictures are stored as they come. Every function answers
 * undefined where a picture cannot be worked on (spec 11 §5: such errors are swallowed).
 */

type MakeSharp = (input: string | Buffer, options?: SharpOptions) => Sharp;

/** A picture of more pixels takes hundreds of megabytes while it is turned or made smaller. */
const MAX_PIXELS = 60_000_000;
/** Of animations the frames count too. */
const MAX_ANIMATION_PIXELS = 20_000_000;
/** One picture at a time keeps the memory bounded; the others wait. */
const onePicture = new Turnstile(1);

let loading: Promise<MakeSharp | undefined> | undefined;

function loadSharp(): Promise<MakeSharp | undefined> {
  loading ??= import('sharp').then(
    ({ default: sharp }) => {
      // What it keeps for the next picture is memory that a chat server has better uses for.
      sharp.cache(false);
      sharp.concurrency(1);
      return sharp;
    },
    () => undefined,
  );
  return loading;
}

/** Types whose pictures can be measured, turned and made smaller. */
const PICTURES = ['image/jpeg', 'image/pjpeg', 'image/png', 'image/gif', 'image/webp'];

export const isPicture = (type: string): boolean => PICTURES.includes(type);

/** Of these there are thumbnails too. */
export const isPaintable = (type: string): boolean => isPicture(type) || type === 'image/svg+xml';

async function onPicture<T>(ctx: Context, work: (sharp: MakeSharp) => Promise<T>): Promise<T | undefined> {
  const sharp = await loadSharp();
  if (!sharp) return undefined;
  try {
    return await onePicture.run(() => work(sharp));
  } catch (err) {
    ctx.log.debug({ err }, 'a picture could not be worked on');
    return undefined;
  }
}

const LIMITS: SharpOptions = { limitInputPixels: MAX_PIXELS, sequentialRead: true, failOn: 'none' };

export interface CleanPicture {
  facts: ImageFacts;
  /** The picture written anew; undefined when there was nothing to change in it. */
  changed: TempFile | undefined;
}

/**
 * Measures a picture; where the settings say so it is turned as its camera was held, and freed of everything else that the
 * camera noted, the place above all.
 */
export function cleanPicture(
  ctx: Context,
  path: string,
  { rotate, strip }: { rotate: boolean; strip: boolean },
): Promise<CleanPicture | undefined> {
  return onPicture(ctx, async (sharp) => {
    const {
      format,
      width,
      height,
      orientation = 1,
      pages = 1,
      exif,
      iptc,
      xmp,
    } = await sharp(path, LIMITS).metadata();
    const turned = orientation >= 5;
    const isTurned = rotate && orientation > 1;
    const carriesNotes = strip && Boolean(exif ?? iptc ?? xmp);
    const size = isTurned && turned ? { width: height, height: width } : { width, height };
    const facts = { format, size };
    if (!isTurned && !carriesNotes) return { facts, changed: undefined };
    const animated = pages > 1 && width * height * pages <= MAX_ANIMATION_PIXELS;
    let picture = sharp(path, { ...LIMITS, animated }).keepIccProfile();
    if (rotate) picture = picture.autoOrient();
    else if (orientation > 1) picture = picture.withMetadata({ orientation });
    if (!strip) picture = picture.keepExif();
    return { facts, changed: await written(ctx, asBefore(picture, format)) };
  });
}

/** In the same format, with little loss. */
function asBefore(picture: Sharp, format: string): Sharp {
  if (format === 'jpeg') return picture.jpeg({ quality: 92 });
  if (format === 'webp') return picture.webp({ quality: 90 });
  return picture;
}

async function written(ctx: Context, picture: Sharp): Promise<TempFile> {
  const path = ctx.blobs.scratch.path();
  await picture.toFile(path);
  return ctx.blobs.scratch.adopt(path);
}

export interface Thumbnail {
  temp: TempFile;
  type: string;
  facts: ImageFacts;
}

/** A drawing that takes longer to paint than anybody waits is larger than this. */
const MAX_SVG_BYTES = 1_000_000;

/** An SVG is given as bytes: by its path it could refer to the files beside it. */
async function pictureSource({ path, size }: TempFile, type: string): Promise<string | Buffer> {
  if (type !== 'image/svg+xml') return path;
  if (size > MAX_SVG_BYTES) throw new Error('the drawing is too large to be painted');
  return readFile(path);
}

/**
 * A smaller picture that fits into the size; undefined when the picture is small itself. SVG becomes PNG. With
 * `alone` nothing else is shown in its place: what moves goes on moving, and a small drawing becomes PNG too.
 */
export function makeThumbnail(
  ctx: Context,
  { temp: from, type }: { temp: TempFile; type: string },
  { width, height }: { width: number; height: number },
  { alone = false }: { alone?: boolean } = {},
): Promise<Thumbnail | undefined> {
  return onPicture(ctx, async (sharp) => {
    const input = await pictureSource(from, type);
    const before = await sharp(input, LIMITS).metadata();
    const isDrawing = before.format === 'svg';
    if (before.width < width && before.height < height && !(alone && isDrawing)) return undefined;
    const pixels = before.width * before.height * (before.pages ?? 1);
    const source = sharp(input, { ...LIMITS, animated: alone && pixels <= MAX_ANIMATION_PIXELS });
    const target = ctx.blobs.scratch.path();
    const smaller = source.autoOrient().resize({ width, height, fit: 'inside', withoutEnlargement: true });
    const info = await (before.format === 'svg' ? smaller.png() : smaller).toFile(target);
    const temp = await ctx.blobs.scratch.adopt(target);
    const { format } = info;
    return {
      temp,
      type: `image/${format}`,
      facts: { format, size: { width: info.width, height: info.height } },
    };
  });
}

const PREVIEW_PIXELS = 32;

/** A blurred picture of some hundred bytes, as base64: clients show it while the real one is on its way. */
export function makePreview(
  ctx: Context,
  { temp, type }: { temp: TempFile; type: string },
): Promise<string | undefined> {
  return onPicture(ctx, async (sharp) => {
    const small = sharp(await pictureSource(temp, type), LIMITS)
      .autoOrient()
      .resize({ width: PREVIEW_PIXELS, height: PREVIEW_PIXELS, fit: 'inside' })
      .flatten({ background: '#fff' })
      .blur()
      .jpeg();
    return (await small.toBuffer()).toString('base64');
  });
}

/** A square picture for avatars: filled; one that is transparent in places is shown whole (spec 11 §6). */
export function makeSquare(
  ctx: Context,
  { temp, type }: { temp: TempFile; type: string },
  size: number,
): Promise<{ temp: TempFile; type: string } | undefined> {
  return onPicture(ctx, async (sharp) => {
    const source = sharp(await pictureSource(temp, type), LIMITS);
    const { hasAlpha, format } = await source.metadata();
    const fit = hasAlpha ? 'contain' : 'cover';
    const square = source
      .autoOrient()
      .resize({ width: size, height: size, fit, background: { r: 0, g: 0, b: 0, alpha: 0 } });
    const kept = format === 'jpeg' || format === 'webp' ? asBefore(square, format) : square.png();
    const made = await written(ctx, kept);
    return { temp: made, type: format === 'jpeg' || format === 'webp' ? `image/${format}` : 'image/png' };
  });
}

/** An SVG of our own as a bitmap; undefined without `sharp`. */
export function paintSvg(ctx: Context, svg: string, format: 'png' | 'jpeg'): Promise<Buffer | undefined> {
  return onPicture(ctx, (sharp) => sharp(Buffer.from(svg)).toFormat(format).toBuffer());
}
