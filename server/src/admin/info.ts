import { statSync } from 'node:fs';
import { arch, cpus, freemem, platform, release, totalmem } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { Context } from '../context.ts';
import type { Caller } from '../kernel/caller.ts';

/** When this file was written, which in a bundle is all of the server. */
const BUILT_AT = statSync(fileURLToPath(import.meta.url)).mtime.toISOString();

/** Lower versions of the official apps warn their users (spec 23); nothing here needs newer ones. */
const MINIMUM_CLIENT_VERSIONS = { desktop: '3.9.6', mobile: '4.39.0' };

/**
 * What the workspace says about itself, the first call of every client (spec 23, spec 41 §1). The build and the machine
 * are told only to callers with `view-statistics` or `get-server-info`.
 */
export function describeServer(ctx: Context, caller: Caller | null): Record<string, unknown> {
  const { reportedVersion } = ctx.config;
  const version = publicVersion(ctx);
  const common = { minimumClientVersions: MINIMUM_CLIENT_VERSIONS };
  if (!caller || !ctx.permissions.hasAny(caller, ['view-statistics', 'get-server-info'])) {
    return { version, ...common };
  }
  const full = reportedVersion.split('.').length < 3 ? `${reportedVersion}.0` : reportedVersion;
  return { version: full, info: buildInfo(full), ...common };
}

/** What everybody may know of the version: major and minor. */
export const publicVersion = ({ config }: Context): string =>
  config.reportedVersion.split('.').slice(0, 2).join('.');

function buildInfo(version: string): Record<string, unknown> {
  return {
    version,
    build: {
      date: BUILT_AT,
      nodeVersion: process.version,
      arch: arch(),
      platform: platform(),
      osRelease: release(),
      totalMemory: totalmem(),
      freeMemory: freemem(),
      cpus: cpus().length,
    },
    commit: {},
    marketplaceApiVersion: '1.0.0',
  };
}
