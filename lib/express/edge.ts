import type { Core } from '../core/core';
import type { Settings } from '../options/options';
import type { CachedEnrollments } from '../stores/enrollments';
import type { FollowedSessions } from '../stores/followed-sessions';

/** What the rooms that see requests work with. */
export interface Edge {
  settings: Settings;
  core: Core;
  enrollments: CachedEnrollments;
  sessions: FollowedSessions;
  /** A request has come this far. */
  hasSeenRequest?: boolean;
  /** Called at the first one, and never waited for. */
  atFirstRequest?: (() => void) | undefined;
}
