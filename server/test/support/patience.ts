/** How long to wait for what must happen (`vi.waitFor`): longer than it takes on a busy machine, shorter than a test may take. */
export const PATIENCE = { timeout: 10_000 };
