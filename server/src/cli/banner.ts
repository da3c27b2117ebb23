import type { Config } from '../config/config.ts';
import { gantryVersion } from './version.ts';

export interface FirstAdmin {
  username: string;
  password: string;
}

/** What the person who started the server sees: where it is, who may log in, what to do next. */
export function banner(config: Config, port: number, firstAdmin: FirstAdmin | undefined): string {
  // Without a port of its own choice the server learns its address only now.
  const address = config.port === 0 ? `http://localhost:${port}` : config.rootUrl;
  const data = config.memory ? 'in memory only, lost at the end' : config.dataDir;
  return [
    `Gantry ${gantryVersion()} is running`,
    `  address  ${address} (listening on ${config.bindIp}:${port})`,
    `  data     ${data}`,
    `  admin    ${adminLine(config, firstAdmin)}`,
    `  next     connect a Rocket.Chat client or SDK to ${address} and log in; Ctrl-C stops the server`,
  ].join('\n');
}

function adminLine(config: Config, firstAdmin: FirstAdmin | undefined): string {
  if (firstAdmin) return `${firstAdmin.username}, password ${firstAdmin.password} (shown only now)`;
  if (config.admin.password !== undefined) {
    return `${config.admin.username}, password as configured (unless an admin existed before)`;
  }
  return 'exists since an earlier start; lost password: npm run gantry -- admin reset-password <username>';
}
