import type { XmlElement } from '../../kernel/read-xml.ts';

/** All elements of a document, with what they are in. */
export function* everyElement(
  root: XmlElement,
): Generator<{ element: XmlElement; parent: XmlElement | undefined }> {
  const waiting: { element: XmlElement; parent: XmlElement | undefined }[] = [
    { element: root, parent: undefined },
  ];
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    yield next;
    for (const child of next.element.children) waiting.push({ element: child, parent: next.element });
  }
}
