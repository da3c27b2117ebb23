import type { Blobs } from './blobs/blobs.ts';

/** For test servers that have no endpoint with files. */
export const noBlobs: Blobs = {
  get scratch(): never {
    throw new Error('this test server has no files');
  },
  store() {
    throw new Error('this test server has no files');
  },
  async close() {},
};
