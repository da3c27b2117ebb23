import { refuse } from '../kernel/errors.ts';

/**
 * Banners come from the vendor's cloud, and from apps (spec 11 §14): this workspace has neither, so nobody is shown one and
 * there is none to dismiss.
 *
 * @throws Banner not found (plain)
 */
export const dismissBanner = (_id: string): never => refuse('Banner not found');
