import manifest from '../../package.json' with { type: 'json' };

/** Gantry's own version. What clients are told is `config.reportedVersion`. */
export function gantryVersion(): string {
  return manifest.version;
}
