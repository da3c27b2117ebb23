import type { Settings } from '../../kernel/settings.ts';

/** A bucket, as the settings `FileUpload_S3_*` name it. */
export interface S3Place {
  /** Of the bucket; ends with a slash. */
  url: string;
  region: string;
  accessKeyId: string;
  secretAccessKey: string;
  /** The `x-amz-acl` of what is stored; empty: that of the bucket. */
  acl: string;
}

/** @throws where the settings name no bucket that one could ask */
export function s3Place(settings: Settings): S3Place {
  const text = (name: string) => settings.text(`FileUpload_S3_${name}`).trim();
  const bucket = text('Bucket');
  const accessKeyId = text('AWSAccessKeyId');
  const secretAccessKey = text('AWSSecretAccessKey');
  if (!bucket || !accessKeyId || !secretAccessKey)
    throw new Error('FileUpload_S3_Bucket, _AWSAccessKeyId and _AWSSecretAccessKey must be set');
  const region = text('Region') || 'us-east-1';
  const isPathStyle = settings.bool('FileUpload_S3_ForcePathStyle');
  const url = bucketUrl(text('BucketURL') || `https://s3.${region}.amazonaws.com`, bucket, isPathStyle);
  return { url, region, accessKeyId, secretAccessKey, acl: text('Acl') };
}

/** The address may be that of the server or of the bucket: both are in use. */
function bucketUrl(given: string, bucket: string, isPathStyle: boolean): string {
  const url = new URL(given);
  if (url.protocol !== 'https:' && url.protocol !== 'http:')
    throw new Error('FileUpload_S3_BucketURL must begin with https:// or http://');
  const path = url.pathname.replace(/\/+$/, '');
  const inPath = path.endsWith(`/${bucket}`);
  if (!isPathStyle && !inPath && !url.hostname.startsWith(`${bucket}.`))
    url.hostname = `${bucket}.${url.hostname}`;
  url.pathname = isPathStyle && !inPath ? `${path}/${bucket}/` : `${path}/`;
  url.search = '';
  return url.href;
}
