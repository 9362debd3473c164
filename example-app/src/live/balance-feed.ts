import { EventEmitter } from 'node:events';

/** Tells who follows a user that the user's balance changed. Within one process. */
export interface BalanceFeed {
  changed(userIds: string[]): void;
  /** Answers how to stop. */
  follow(userId: string, listener: () => void): () => void;
}

export function createBalanceFeed(): BalanceFeed {
  // A user may have any number of tabs open.
  const feed = new EventEmitter().setMaxListeners(0);
  return {
    changed(userIds) {
      for (const userId of userIds) feed.emit(`of ${userId}`);
    },
    follow(userId, listener) {
      feed.on(`of ${userId}`, listener);
      return () => void feed.off(`of ${userId}`, listener);
    },
  };
}
