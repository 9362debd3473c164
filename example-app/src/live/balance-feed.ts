/** Tells who follows a user that the user's balance changed. Within one process. */
export interface BalanceFeed {
  changed(userIds: string[]): void;
  /** Answers how to stop. */
  follow(userId: string, listener: () => void): () => void;
}

export function createBalanceFeed(): BalanceFeed {
  const followers = new Map<string, Set<() => void>>();
  return {
    changed(userIds) {
      for (const userId of userIds) {
        for (const listener of followers.get(userId) ?? []) listener();
      }
    },
    follow(userId, listener) {
      const listeners = followers.get(userId) ?? new Set();
      followers.set(userId, listeners.add(listener));
      return () => {
        listeners.delete(listener);
        if (listeners.size === 0) followers.delete(userId);
      };
    },
  };
}
