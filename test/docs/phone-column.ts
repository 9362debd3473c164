import type { Enrollments } from '../../lib';
import { recipeOf } from './page';

/** A user as the app's own table has it. */
export interface Row {
  id: string;
  phone: string | null;
  phoneConfirmedAt: Date | null;
}

export interface Users {
  find(userId: string): Promise<Row | undefined>;
  savePhone?(userId: string, phone: string, confirmedAt: Date): Promise<void>;
}

export const phoneColumnEnrollments = recipeOf('phone-column') as (
  users: Users,
  sideStore: Enrollments,
) => Enrollments<Row>;

export const OLD = '+12065550142';
export const NEW = '+12065550198';
export const OTHER = '+12065550199';
export const CONFIRMED = new Date('2024-05-06T07:08:09.010Z');
