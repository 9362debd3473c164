import * as factor from 'passport-sms-2fa';
import express from 'express';
import session from 'express-session';
import passport from 'passport';
import { Strategy as LocalStrategy } from 'passport-local';
import { makeApp } from './app.cjs';
import { makeStore } from './store.cjs';
import { serve } from './serve.cjs';

serve(async (given) => {
  const stored = await makeStore({ session, factor, ...given });
  return makeApp({ express, session, passport, LocalStrategy, factor, ...given, ...stored });
});
