import type { Core } from '../core/core';
import type { Settings } from '../options/options';
import type { CachedEnrollments } from '../stores/cached-enrollments';
import type { EndedSessions } from '../stores/ended-sessions';
import type { LiveSessions } from '../stores/live-sessions';

/** What the rooms that see requests work with. */
export interface Edge {
  settings: Settings;
  core: Core;
  enrollments: CachedEnrollments;
  sessions: LiveSessions;
  ended: EndedSessions;
}
