/** What somebody logs in with at a WebDAV server. */
export interface WebdavAccount {
  id: string;
  uid: string;
  /** Of the folder that is the root of everything; ends with a slash. */
  serverUrl: string;
  username: string;
  /** For the server alone: no answer, event or log line has it. */
  password: string;
  /** What its owner calls it; may be empty. */
  name: string;
  createdAt: number;
}
