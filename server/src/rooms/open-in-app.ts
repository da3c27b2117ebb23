import type { Settings } from '../kernel/settings.ts';

/** The address that opens the mobile application at a page of this workspace (setting `DeepLink_Url`, spec 11 §10). */
export function openInApp(settings: Settings, what: 'invite' | 'room', path: string): string {
  const page = settings.text('DeepLink_Url').replace(/\/+$/, '');
  const host = settings.text('Site_Url').replace(/^https?:\/\//, '');
  return `${page}/${what}?host=${encodeURIComponent(host)}&path=${encodeURIComponent(path)}`;
}
