import type { Context } from '../context.ts';
import { S3Blobs } from './blobs/s3-blobs.ts';
import { storeForNew } from './store-file.ts';

/** So long after a change of one setting the others of the same form have been saved too. */
const DELAY_MS = 1000;

/** Where files go into a bucket, looks at the start and after each change of its settings whether that can work. */
export function watchBucket(ctx: Context): void {
  void checkBucket(ctx);
  let timer: NodeJS.Timeout | undefined;
  ctx.events.on('setting.changed', ({ id }) => {
    if (id !== 'FileUpload_Storage_Type' && !id.startsWith('FileUpload_S3_')) return;
    clearTimeout(timer);
    timer = setTimeout(() => void checkBucket(ctx), DELAY_MS).unref();
  });
}

/** Says in the log what is wrong. Files that are on the disk are served all the same. */
export async function checkBucket(ctx: Context): Promise<void> {
  if (storeForNew(ctx) !== 'AmazonS3') return;
  try {
    await new S3Blobs(ctx.settings).check();
    ctx.log.info('files are kept in the bucket of FileUpload_S3_*');
  } catch (err) {
    ctx.log.error(
      { err },
      'no file can be stored: the bucket of FileUpload_S3_* does not answer as it should',
    );
  }
}
