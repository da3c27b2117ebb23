import {
  BIND_REQUEST,
  BIND_RESPONSE,
  type FakeDirectory,
  ldapMessage,
  result,
  SEARCH_DONE,
  SEARCH_REQUEST,
  searchEntry,
  startFakeDirectory,
} from '../../support/fake-directory.ts';

/** The only one whom the directory of the sweep knows. */
export const IN_DIRECTORY = 'in-directory';

/** A directory that takes every password, of somebody who is in it. */
export const startSmallDirectory = (): Promise<FakeDirectory> =>
  startFakeDirectory(({ id, operation, data, socket }) => {
    if (operation === BIND_REQUEST) socket.write(ldapMessage(id, result(BIND_RESPONSE, 0)));
    if (operation !== SEARCH_REQUEST) return;
    if (data.includes(IN_DIRECTORY)) {
      const attributes = { sAMAccountName: IN_DIRECTORY, uidNumber: '1000' };
      socket.write(ldapMessage(id, searchEntry(`cn=${IN_DIRECTORY}`, attributes)));
    }
    socket.write(ldapMessage(id, result(SEARCH_DONE, 0)));
  });
