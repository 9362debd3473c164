'use strict';

const factor = require('passport-sms-2fa');
const express = require('express');
const session = require('express-session');
const passport = require('passport');
const { Strategy: LocalStrategy } = require('passport-local');
const { makeApp } = require('./app.cjs');
const { makeStore } = require('./store.cjs');
const { serve } = require('./serve.cjs');

serve(async (given) => {
  const stored = await makeStore({ session, factor, ...given });
  return makeApp({ express, session, passport, LocalStrategy, factor, ...given, ...stored });
});
