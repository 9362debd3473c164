import type { Messages } from './catalog';

/** American English. What is texted stays in ASCII: anything else makes a text dearer. */
export const en: Messages = {
  // Texts and mails
  'text.code.sign-in':
    "{code} is your {appName} sign-in code. Expires in {minutes} min. Don't share it.",
  'text.code.step-up':
    "{code} is your {appName} security code. Expires in {minutes} min. Don't share it.",
  'text.code.enroll':
    "{code} is your {appName} phone setup code. Expires in {minutes} min. Don't share it.",
  'text.code.replace':
    "{code} is your {appName} phone change code. Expires in {minutes} min. Don't share it.",
  'text.short': "{code} is your {appName} code. Don't share it.",
  'text.report': 'Not you? Reply {word}',
  'help.about': '{appName}: codes to sign in and to confirm changes.',
  'help.where': 'Help: {help}',
  'help.rates': 'Msg & data rates may apply.',
  'help.stop': 'Reply STOP to end.',
  'mail.subject.sign-in': 'Your {appName} sign-in code',
  'mail.subject.step-up': 'Your {appName} security code',
  'mail.subject.enroll': 'Your {appName} phone setup code',
  'mail.subject.replace': 'Your {appName} phone change code',
  'mail.text.sign-in':
    "{code} is your {appName} sign-in code. It expires in {minutes, plural, one {# minute} other {# minutes}}. Don't share it. {appName} will never ask you for it.",
  'mail.text.step-up':
    "{code} is your {appName} security code. It expires in {minutes, plural, one {# minute} other {# minutes}}. Don't share it. {appName} will never ask you for it.",
  'mail.text.enroll':
    "{code} is your {appName} phone setup code. It expires in {minutes, plural, one {# minute} other {# minutes}}. Don't share it. {appName} will never ask you for it.",
  'mail.text.replace':
    "{code} is your {appName} phone change code. It expires in {minutes, plural, one {# minute} other {# minutes}}. Don't share it. {appName} will never ask you for it.",
  'consent.text':
    'By adding this number, you agree to get texts from {appName} with codes, one each time you sign in or confirm a change. Message and data rates may apply. Reply STOP to end them.',
  'consent.textWithHelp':
    'By adding this number, you agree to get texts from {appName} with codes, one each time you sign in or confirm a change. Message and data rates may apply. Reply STOP to end them, HELP for help.',

  // Problems
  'problem.code_malformed.title': 'Check the code',
  'problem.code_malformed.detail': 'Enter the digits of the code we sent you.',
  'problem.request_malformed.title': 'Request not understood',
  'problem.request_malformed.detail': 'Send JSON or a form with the fields that this path takes.',
  'problem.not_authenticated.title': 'Not signed in',
  'problem.not_authenticated.detail': 'Sign in first.',
  'problem.second_factor_required.title': "Confirm it's you",
  'problem.second_factor_required.detail': 'Enter a code first, then go on.',
  'problem.fresh_login_required.title': 'Sign in again',
  'problem.fresh_login_required.detail':
    'To change your security settings, sign out and sign in again.',
  'problem.code_incorrect.title': 'Wrong code',
  'problem.code_incorrect.detail': "That isn't the code we sent you. Check it and try again.",
  'problem.challenge_expired.title': 'Code expired',
  'problem.challenge_expired.detail': "That code can't be used anymore. Get a new one.",
  'problem.enrollment_required.title': 'Add a phone',
  'problem.enrollment_required.detail': 'Add a phone number first.',
  'problem.fresh_second_factor_required.title': 'Confirm again',
  'problem.fresh_second_factor_required.detail':
    "To change your security settings, confirm it's you once more.",
  'problem.cross_site_request.title': 'Request from another site',
  'problem.cross_site_request.detail':
    "This request didn't come from a page of this site. Go back and try again from here.",
  'problem.already_enrolled.title': 'Phone already added',
  'problem.already_enrolled.detail': 'Your account has a phone already.',
  'problem.send_refused.title': 'Text not sent',
  'problem.send_refused.detail': "We can't send a text for this request.",
  'problem.not_found.title': 'Not found',
  'problem.not_found.detail': "There's nothing here.",
  'problem.method_not_allowed.title': 'Method not allowed',
  'problem.method_not_allowed.detail': "This path doesn't take that method.",
  'problem.channel_not_available.title': 'Not available',
  'problem.channel_not_available.detail': "We can't send you a code that way. Use your phone.",
  'problem.phone_opted_out.title': 'Texts are stopped',
  'problem.phone_opted_out.detail':
    'This phone replied STOP to our texts. Text UNSTOP to the number they came from, then try again.',
  'problem.request_too_large.title': 'Request too large',
  'problem.request_too_large.detail': 'Send at most 10 kB.',
  'problem.phone_invalid.title': 'Check the phone number',
  'problem.phone_invalid.detail': 'Enter a mobile number with its area code.',
  'problem.destination_not_allowed.title': "We can't text this number",
  'problem.destination_not_allowed.detail': "We don't text numbers of this kind or country.",
  'problem.resend_too_soon.title': 'Wait a moment',
  'problem.resend_too_soon.detail': "We can't send another one just yet.",
  'problem.send_limit_reached.title': 'Too many codes sent',
  'problem.send_limit_reached.detail': "We can't send more right now.",
  'problem.too_many_attempts.title': 'Too many attempts',
  'problem.too_many_attempts.detail': 'There were too many wrong codes.',
  'problem.delivery_failed.title': 'Text not sent',
  'problem.delivery_failed.detail': "We couldn't send the text. Try again in a moment.",
  'problem.store_unavailable.title': 'Temporarily unavailable',
  'problem.store_unavailable.detail': "We can't check this right now. Try again in a moment.",
  'problem.sending_suspended.title': 'Texts are paused',
  'problem.sending_suspended.detail': "We can't text this number right now. Try again later.",
  'problem.misconfigured.title': 'Something went wrong',
  'problem.misconfigured.detail': "It's on our side, and you can't fix it from here.",

  // More than the problem's own words
  'detail.lastGuess': "That isn't the code we sent you, and this code can't be used anymore.",
  'detail.codeMissing': 'Enter the {digits} digits of the code we sent you.',
  'detail.codeNotDigits': 'A code has digits only, {digits} of them.',
  'detail.codeTooShort': 'That is too short. A code has {digits} digits.',
  'detail.codeTooLong': 'That is too long. A code has {digits} digits.',
  'detail.countryMalformed': 'country is two letters, such as US.',
  'detail.channelUnknown': "channel is 'sms' or 'email'.",
  'detail.disabled': 'Codes are turned off for your account. Contact support to get back in.',
  'detail.recoveryMalformed':
    'A recovery code has {length} letters and digits, in groups of {group}.',
  'detail.recoveryWrong': "That isn't one of your unused recovery codes. Check it and try again.",
  'detail.recoveryNotYet':
    "That code is from your newest set, which isn't in use until you've said you saved it. Use one of the older ones.",
  'detail.recoveryTooMany': 'Too many wrong recovery codes were tried here.',
  'detail.recoveryReplaced': 'These recovery codes were replaced by newer ones.',
  'detail.recoveryNone': 'No recovery codes from this session are waiting to be saved.',
  'detail.recoveryElsewhere':
    'The recovery codes that are waiting to be saved were made in another session.',
  'detail.browserUnknown': "This browser isn't trusted, or not anymore.",
  'detail.formDone': 'This has been done.',
  'detail.formSent': 'This has been sent.',
  'detail.formLost': "What you submitted wasn't done, and we no longer have it. Submit it again.",
  'detail.formNone': "There's nothing to finish.",
  'detail.phoneOnly': 'Enter one phone number and nothing else: no name, no extension.',
  'detail.phoneReadAs':
    'We read it as a number in {country}. Check it, or start a number in another country with + and its country code, such as +{callingCode}.',
  'detail.phoneKind':
    "We can't text numbers like premium-rate, toll-free, and personal ones. Use a mobile number.",
  'detail.areaUnknown':
    "We don't know the area code of this number. Check it. If it's right, it may be too new: use another number, or ask us to add it.",
  'detail.countryUnserved': "We don't text numbers in this country: {country}.",
  'detail.countryUnnamed': "We don't text numbers in this country.",
  'detail.servedOne': 'We text numbers in this country only: {country}.',
  'detail.servedFew': 'We text numbers in these countries: {countries}.',
  'detail.servedMany': 'We text numbers in {count} countries.',

  // Pages
  'notice.attemptsLeft':
    '{count, plural, =0 {No attempts left.} one {One attempt left.} other {# attempts left.}}',
  'notice.retryAfter': 'Try again in {wait}.',
  'notice.phone': "Done. From now on, we'll text your codes to {phone}.",
  'notice.codesKept': 'Done. Your new recovery codes work now, and any older ones no longer do.',
  'notice.off':
    'Two-step verification is off. You now sign in with your password alone, until you add a phone again.',
  'notice.browserRevoked': "Done. That browser isn't trusted anymore.",
  'notice.browsersRevoked': 'Done. No browser is trusted anymore.',
  'frame.back': 'Back',
  'frame.continue': 'Continue',
  'frame.notNow': 'Not now',
  'frame.signOut': 'Sign out',
  'frame.cancel': 'Cancel',
  'frame.support': 'Get help',
  'code.texted':
    'Enter the {digits}-digit code we texted to {phone}. It works for {minutes, plural, one {# more minute} other {# more minutes}}.',
  'code.emailed':
    'Enter the {digits}-digit code we emailed to {email}. It works for {minutes, plural, one {# more minute} other {# more minutes}}.',
  'code.label': 'Code',
  'code.confirm': 'Confirm',
  'code.trust':
    "Don't ask for a code in this browser for {days, plural, one {# day} other {# days}}",
  'code.delivered': 'Your phone got the text.',
  'code.undelivered':
    "We couldn't deliver the text. Check that your phone is on, or use another way.",
  'code.textMe': 'Text me a code',
  'code.emailMe': 'Email me a code',
  'code.resend': 'Text it again',
  'code.noText': "Didn't get a text?",
  'code.resendIn': 'You can ask for it again in {wait}.',
  'code.sameCode': "It's the same code each time, so a late text still works.",
  'code.noneLeft': "We can't send more texts right now.",
  'challenge.title': "Confirm it's you",
  'challenge.willText': "We'll text a code to {phone}.",
  'challenge.mayEmail': "Don't have your phone? We can email a code to {email}.",
  'challenge.locked': 'There were too many wrong codes. You can try again in {wait}.',
  'challenge.lockedButRecovery':
    'There were too many wrong codes. You can try again in {wait}, or use a recovery code now.',
  'challenge.disabled':
    'Codes to this phone are turned off after too many wrong ones. Contact support to get back in.',
  'challenge.disabledButRecovery':
    'Codes to this phone are turned off after too many wrong ones. Use a recovery code, or contact support.',
  'challenge.kept': 'We saved what you submitted. You can finish it after this step.',
  'challenge.lost': "What you submitted wasn't done. You can submit it again after this step.",
  'recovery.summary': 'Use a recovery code instead',
  'recovery.label': 'Recovery code',
  'recovery.use': 'Use this code',
  'enrollment.title': 'Protect your account',
  'enrollment.why':
    "When you sign in, we'll ask for your password and a code we text to your phone. A stolen password alone won't be enough.",
  'enrollment.safer':
    "In rare cases, someone else can read your texts, such as after moving your number to their phone. If you can use an authenticator app or a security key instead, that's safer.",
  'enrollment.otherTitle': 'Add a phone',
  'enrollment.otherFirst':
    "Your account already has another way to confirm it's you. Use that first, then you can add a phone here.",
  'enrollment.confirmTitle': 'Confirm your phone',
  'enrollment.confirm': 'Confirm phone',
  'enrollment.otherNumber': 'Wrong number? Change it',
  'phone.label': 'Mobile number, with area code',
  'phone.example': 'For example, {phone}',
  'phone.textCode': 'Text a code',
  'phone.countries': 'We text numbers in: {countries}',
  'phone.countryCount': 'We text numbers in {count} countries',
  'phone.terms': 'Terms',
  'phone.privacy': 'Privacy',
  'phone.support': 'Help',
  'manage.title': 'Two-step verification',
  'manage.phone': 'We text your codes to {phone}.',
  'manage.yourPhone': 'Your phone',
  'manage.change': 'Change your number',
  'manage.textNew': 'Text a code to the new number',
  'manage.confirmNew': 'Confirm your new number',
  'manage.useNew': 'Use this number',
  'manage.untilThen': 'Until then, codes go to your old number.',
  'manage.recovery': 'Recovery codes',
  'manage.recoveryLeft':
    '{count, plural, =0 {You have no recovery codes left.} one {You have one recovery code left.} other {You have # recovery codes left.}}',
  'manage.recoverySoon': 'Get new ones soon.',
  'manage.recoveryWhy': "They let you in when you can't get a text.",
  'manage.recoveryNew': 'Get new recovery codes',
  'manage.newCodes': 'Your new recovery codes',
  'manage.savedThem': 'Did you save your new recovery codes?',
  'manage.olderCount': 'Until you tell us, your older codes are the ones that work.',
  'manage.getNew': "If you don't have them, get new ones below.",
  'manage.browsers': 'Trusted browsers',
  'manage.noBrowsers': 'You have no trusted browsers.',
  'manage.thisBrowser': '{name} (this browser)',
  'manage.browserDates': 'Trusted since {since}, last used {used}',
  'manage.revoke': 'Stop trusting',
  'manage.revokeAll': 'Stop trusting all browsers',
  'manage.disabled':
    'Codes to this phone are turned off after too many wrong ones. To turn them on again, confirm your number below: this one or another.',
  'manage.locked':
    'There were too many wrong codes, so we text no new ones for now. You can ask for one in {wait}.',
  'manage.off': 'Turn off two-step verification',
  'manage.offMeans': "You'll sign in with your password alone.",
  'manage.turnOff': 'Turn it off',
  'confirm.off': 'Turn off two-step verification?',
  'confirm.offPassword':
    "You'll sign in with your password alone. Whoever learns it can get into your account.",
  'confirm.offCodes':
    '{count, plural, one {Your recovery code stops working.} other {Your # recovery codes stop working.}}',
  'confirm.offBrowsers':
    '{count, plural, one {Your trusted browser is removed, too.} other {Your # trusted browsers are removed, too.}}',
  'confirm.offRequired': "You'll be asked to add a phone again before you can go on.",
  'confirm.codes': 'Get new recovery codes?',
  'confirm.codesLeft':
    "{count, plural, one {The recovery code that you have left stops working} other {The # recovery codes that you have left stop working}} once you tell us that you've saved the new ones.",
  'confirm.browser': 'Stop trusting {name}?',
  'confirm.browserCode': "We'll ask for a code there the next time.",
  'confirm.browsers':
    '{count, plural, one {Stop trusting your browser?} other {Stop trusting all # browsers?}}',
  'confirm.browsersCode': "We'll ask for a code in each of them the next time.",
  'recoveryCodes.title': 'Your recovery codes',
  'recoveryCodes.save':
    "Save these somewhere safe, away from your phone. Each one lets you in once when you can't get a text. You can come back to them for a while, until you tell us that you've saved them.",
  'recoveryCodes.older': 'Until then, your older recovery codes work. After that, only these do.',
  'recoveryCodes.saved': "I've saved them",
  'recoveryCodes.download': 'Download as a text file',
  'recoveryCodes.fileTitle': '{appName} recovery codes, {day}',
  'recoveryCodes.fileUse':
    "Each code lets you in once when you can't get a text. Keep them away from your phone, and tell nobody.",
  'resume.title': 'Finish what you started',
  'resume.sentTo':
    "Thanks for confirming. What you submitted to {path} hasn't been done yet. Do you want to go ahead?",
  'resume.described': "Thanks for confirming. This hasn't been done yet. Do you want to go ahead?",
  'resume.yes': 'Yes, go ahead',
  'resume.no': 'No, cancel',
  'resume.doneTitle': 'This has been done',
  'resume.done': "It was done once and won't be done again.",
  'resume.sentTitle': 'This has been sent',
  'resume.sent':
    "It was sent once and won't be sent again. Check whether it went through before you fill it in again.",
};
