import { findUserById } from '../accounts/find-users.ts';
import type { Context } from '../context.ts';
import type { BareAnswer, DownloadRequest, DownloadRoute, Representation } from '../rest/download.ts';
import { type Avatar, avatarOfRoom, avatarOfUserId, avatarOfUsername } from './find-avatar.ts';
import { paintSvg } from './images.ts';
import { type Letters, lettersAsLines, lettersAsSvg, lettersOfName } from './letter-avatar.ts';
import { fetchProvidedAvatar } from './provider-avatar.ts';
import { representBytes } from './represent-bytes.rest.ts';
import { representFile } from './represent-file.rest.ts';

/** `/avatar/...` (spec 11 §6). */

const LETTERS_SINCE = Date.UTC(2015, 0, 1);
const DEFAULT_SIZE = 200;
const SIZES = { least: 16, most: 1024 };
const NOT_FOUND: BareAnswer = { status: 404 };

type Answer = Representation | BareAnswer;

export const avatarDownloads = (): DownloadRoute[] => {
  const painter = new LetterPainter();

  async function show(ctx: Context, request: DownloadRequest, avatar: Avatar | undefined): Promise<Answer> {
    if (!avatar) return NOT_FOUND;
    if ('letters' in avatar) return painter.show(ctx, request, avatar.letters);
    const { etag: _none, ...picture } = representFile(ctx, avatar.picture, headersFor(ctx, request));
    return picture;
  }

  /** Who is not logged in gets letters of the path's last name, whatever there is (spec 11 §6). */
  const route = (
    path: string,
    name: string,
    find: (
      ctx: Context,
      request: DownloadRequest,
      value: string,
    ) => Promise<Avatar | undefined | BareAnswer | Representation>,
  ): DownloadRoute => ({
    path,
    async handler(ctx, request) {
      const value = request.params[name] ?? '';
      const isShut = ctx.settings.bool('Accounts_AvatarBlockUnauthenticatedAccess');
      if (isShut && !(await request.caller()))
        return painter.show(ctx, request, lettersOfName(value.replace(/^@/, '')));
      const found = await find(ctx, request, value);
      return found && ('open' in found || 'status' in found) ? found : show(ctx, request, found);
    },
  });

  return [
    route('/avatar/:username', 'username', (ctx, request, username) => {
      if (username.startsWith('@')) return Promise.resolve({ letters: lettersOfName(username.slice(1)) });
      const provider = ctx.settings.text('Accounts_AvatarExternalProviderUrl');
      return provider ? fromProvider(ctx, request, provider, username) : avatarOfUsername(ctx, username);
    }),
    route('/avatar/uid/:userId', 'userId', async (ctx, request, uid) => {
      const provider = ctx.settings.text('Accounts_AvatarExternalProviderUrl');
      if (!provider) return avatarOfUserId(ctx, uid);
      const username = (await findUserById(ctx, uid))?.username;
      return username === undefined ? undefined : fromProvider(ctx, request, provider, username);
    }),
    route('/avatar/room/:rid', 'rid', async (ctx, request, rid) =>
      avatarOfRoom(ctx, rid, await request.caller()),
    ),
  ];
};

function headersFor(ctx: Context, { query }: DownloadRequest): Record<string, string> {
  const asked = Number(query.cacheTime);
  const seconds =
    Number.isInteger(asked) && asked > 0 ? asked : Math.max(0, ctx.settings.int('Accounts_AvatarCacheTime'));
  return {
    'cache-control': `public, max-age=${seconds}`,
    'content-disposition': 'inline',
    'content-security-policy': "default-src 'none'",
  };
}

/** Another service keeps the pictures of people (setting `Accounts_AvatarExternalProviderUrl`). */
async function fromProvider(
  ctx: Context,
  request: DownloadRequest,
  provider: string,
  username: string,
): Promise<Answer> {
  const picture = await fetchProvidedAvatar(ctx, provider, username);
  if (!picture) return { status: 502 };
  const { modifiedAt, ...shown } = picture;
  return representBytes(shown, { modifiedAt, headers: headersFor(ctx, request) });
}

const PAINTED = { png: 'png', jpg: 'jpeg', jpeg: 'jpeg' } as const;
const KEPT_PICTURES = 200;

/** Letters as SVG or, for the mobile apps, as bitmaps, of which it keeps the latest: there are few different ones. */
class LetterPainter {
  readonly #painted = new Map<string, Buffer>();

  async show(ctx: Context, request: DownloadRequest, letters: Letters): Promise<Representation> {
    const { format, size: asked } = request.query;
    const number = Math.trunc(Number(asked));
    const size =
      Number.isNaN(number) || asked === ''
        ? DEFAULT_SIZE
        : Math.min(SIZES.most, Math.max(SIZES.least, number));
    const kind =
      typeof format === 'string' && Object.hasOwn(PAINTED, format) ? PAINTED[format as 'png'] : undefined;
    const painted = kind && (await this.#paint(ctx, letters, size, kind));
    const bytes = painted ?? Buffer.from(lettersAsSvg(letters, size));
    return representBytes(
      { type: painted ? `image/${kind}` : 'image/svg+xml', bytes },
      { modifiedAt: LETTERS_SINCE, headers: headersFor(ctx, request) },
    );
  }

  async #paint(
    ctx: Context,
    letters: Letters,
    size: number,
    kind: 'png' | 'jpeg',
  ): Promise<Buffer | undefined> {
    const key = `${letters.letters} ${letters.colour} ${size} ${kind}`;
    const known = this.#painted.get(key);
    if (known) return known;
    const svg = lettersAsLines(letters, size) ?? lettersAsSvg(letters, size);
    const bytes = await paintSvg(ctx, svg, kind);
    if (!bytes) return undefined;
    const oldest = this.#painted.size >= KEPT_PICTURES ? this.#painted.keys().next().value : undefined;
    if (oldest !== undefined) this.#painted.delete(oldest);
    this.#painted.set(key, bytes);
    return bytes;
  }
}
