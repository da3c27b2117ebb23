import type { Context } from '../context.ts';
import { paintSvg } from '../files/images.ts';
import { ASSETS } from './asset-table.ts';

/** Our own logos and icons: one mark, drawn where they are asked for. */

const MARK =
  '<rect width="64" height="64" rx="14" fill="#1d74f5"/><path d="M12 50V18h40v32h-7V25H19v25z" fill="#fff"/>' +
  '<path d="M26 30h12a3 3 0 0 1 3 3v7a3 3 0 0 1-3 3h-5l-5 5v-5h-2a3 3 0 0 1-3-3v-7a3 3 0 0 1 3-3z" fill="#fff"/>';

const svg = (width: number, height: number, viewBox: string, drawing: string): string =>
  `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="${viewBox}">${drawing}</svg>`;

function drawingOf(name: string): string {
  if (name.startsWith('background')) return svg(64, 64, '0 0 64 64', '');
  const { width, height } = ASSETS[name]?.size ?? { width: 64, height: 64 };
  // The mark in the middle of what is not square.
  return svg(width, height, width === height ? '0 0 64 64' : `-34 0 132 64`, MARK);
}

const painted = new WeakMap<Context, Map<string, Buffer>>();

/** The bytes and their type; undefined where there is no such asset, or it cannot be painted without `sharp`. */
export async function defaultAsset(
  ctx: Context,
  name: string,
  extension: string,
): Promise<{ type: string; bytes: Buffer } | undefined> {
  if (!Object.hasOwn(ASSETS, name)) return undefined;
  if (extension === 'svg') return { type: 'image/svg+xml', bytes: Buffer.from(drawingOf(name)) };
  if (extension !== 'png' && extension !== 'ico') return undefined;
  const cache = painted.get(ctx) ?? new Map<string, Buffer>();
  painted.set(ctx, cache);
  const known = cache.get(name) ?? (await paintSvg(ctx, drawingOf(name), 'png'));
  if (!known) return undefined;
  cache.set(name, known);
  return extension === 'png'
    ? { type: 'image/png', bytes: known }
    : { type: 'image/x-icon', bytes: iconOf(known) };
}

/** An ICO file is a head before a PNG. */
function iconOf(png: Buffer): Buffer {
  const head = Buffer.alloc(22);
  head.writeUInt16LE(1, 2);
  head.writeUInt16LE(1, 4);
  head.writeUInt8(64, 6);
  head.writeUInt8(64, 7);
  head.writeUInt16LE(1, 10);
  head.writeUInt16LE(32, 12);
  head.writeUInt32LE(png.length, 14);
  head.writeUInt32LE(head.length, 18);
  return Buffer.concat([head, png]);
}
