import { filePath, type StoredFile } from './file.ts';
import { familyOf, fileExtension } from './media-type.ts';

/** A file as messages name it (spec 30 §1.6). */
export interface FileProp {
  _id: string;
  name: string;
  type: string;
  size: number;
  format: string;
  typeGroup: string;
}

/** How a message shows files (spec 11 §5, spec 30 §1.3). */
export interface ShownFiles {
  files: FileProp[];
  attachments: Record<string, unknown>[];
}

/** A file that is about to be sent. */
export interface FileToShow {
  file: StoredFile;
  thumb: StoredFile | undefined;
  description?: string | undefined;
}

/** Pictures that clients show; others are offered for saving. */
const PREVIEWABLE = new Set(
  [
    ...['bmp', 'x-windows-bmp', 'jpeg', 'pjpeg', 'png', 'gif', 'webp', 'svg+xml'],
    ...['heic', 'heif', 'heic-sequence', 'heif-sequence'],
  ].map((name) => `image/${name}`),
);

export function showFiles(sent: readonly FileToShow[]): ShownFiles {
  return {
    files: sent.flatMap(({ file, thumb }) => [fileProp(file), ...(thumb ? [fileProp(thumb)] : [])]),
    attachments: sent.map(attachmentOf),
  };
}

function fileProp(file: StoredFile): FileProp {
  const { id: _id, name, type, size, typeGroup, identify } = file;
  return { _id, name, type, size, format: identify?.format ?? '', typeGroup };
}

function attachmentOf({ file, thumb, description }: FileToShow): Record<string, unknown> {
  const { name, type, size } = file;
  const link = filePath(file);
  const base = {
    title: name,
    type: 'file',
    ...(description === undefined ? {} : { description }),
    title_link: link,
    title_link_download: true,
    fileId: file.id,
  };
  if (PREVIEWABLE.has(type)) return { ...base, ...pictureMembers(file, thumb, description) };
  if (familyOf(type) === 'audio') return { ...base, audio_url: link, audio_type: type, audio_size: size };
  if (familyOf(type) === 'video') return { ...base, video_url: link, video_type: type, video_size: size };
  return { ...base, format: fileExtension(name).toUpperCase(), size };
}

/** The picture that is shown is the small one, where there is one; `title_link` stays the original. */
function pictureMembers(file: StoredFile, thumb: StoredFile | undefined, description: string | undefined) {
  const shown = thumb ?? file;
  return {
    image_url: filePath(shown),
    image_type: shown.type,
    image_size: file.size,
    ...(shown.identify ? { image_dimensions: shown.identify.size } : {}),
    ...(file.preview ? { image_preview: file.preview } : {}),
    ...(description === undefined ? {} : { image_alt: description }),
  };
}

/** What is left of a file's attachment when the history was cleaned of files (spec 11 §4 `rooms.cleanHistory`). */
export const PRUNED_FILE = { type: 'removed-file', color: '#FD745E', text: '_File removed by prune_' };

/** What is left of a file's attachment when the file was removed (spec 11 §5 `uploads.delete`). */
export const removedFile = (fileId: string) => ({
  type: 'removed-file',
  fileId,
  color: '#FD745E',
  text: '_File removed_',
});
