import type { Context } from '../context.ts';

export interface PublishedDocument {
  id: string;
  fields: object;
}

/** A classic publication: documents sent as `added` before `ready`, for anyone, without parameters (spec 40 §8.11, §8.13). */
export interface Publication {
  name: string;
  collection: string;
  documents(ctx: Context): Promise<readonly PublishedDocument[]> | readonly PublishedDocument[];
}

/** Under this name publications share the hub's index with the streams. */
export const PUBLICATION_STREAM = 'publication:';

/** The login services; asteroid clients subscribe to it on every connect. */
export function loginServicePublication(documents: Publication['documents'] = () => []): Publication {
  return {
    name: 'meteor.loginServiceConfiguration',
    collection: 'meteor_accounts_loginServiceConfiguration',
    documents,
  };
}

/** We serve no Meteor bundle, so there are no versions to watch. */
export const clientVersionsPublication: Publication = {
  name: 'meteor_autoupdate_clientVersions',
  collection: 'meteor_autoupdate_clientVersions',
  documents: () => [],
};
