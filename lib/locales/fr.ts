import type { Messages } from './catalog';

/**
 * French; it says vous. What is texted stays in ASCII: an accent makes a text dearer. No sentence has
 * "de" before a name, which would have to be "d’" before a vowel.
 */
export const fr: Messages = {
  // Texts and mails
  'text.code.sign-in':
    '{code} est votre code de connexion {appName}. Valable {minutes} min. Ne le partagez pas.',
  'text.code.step-up':
    '{code} est votre code de confirmation {appName}. Valable {minutes} min. Ne le partagez pas.',
  'text.code.enroll':
    '{code} est votre code {appName} pour ajouter ce mobile. Valable {minutes} min. Ne le partagez pas.',
  'text.code.replace':
    '{code} est votre code {appName} pour changer de mobile. Valable {minutes} min. Ne le partagez pas.',
  'text.short': '{code} est votre code {appName}. Ne le partagez pas.',
  'text.report': 'Pas vous ? Envoyez {word}',
  'help.about': '{appName} : codes de connexion et de confirmation.',
  'help.where': 'Aide : {help}',
  'help.rates': 'Frais de messages possibles.',
  'help.stop': 'Envoyez STOP pour ne plus en recevoir.',
  'mail.subject.sign-in': 'Votre code de connexion {appName}',
  'mail.subject.step-up': 'Votre code de confirmation {appName}',
  'mail.subject.enroll': 'Votre code {appName} pour ajouter un téléphone',
  'mail.subject.replace': 'Votre code {appName} pour changer de téléphone',
  'mail.text.sign-in':
    '{code} est votre code de connexion {appName}. Il est valable {minutes, plural, one {# minute} other {# minutes}}. Ne le partagez pas. {appName} ne vous le demandera jamais.',
  'mail.text.step-up':
    '{code} est votre code de confirmation {appName}. Il est valable {minutes, plural, one {# minute} other {# minutes}}. Ne le partagez pas. {appName} ne vous le demandera jamais.',
  'mail.text.enroll':
    '{code} est votre code {appName} pour ajouter un téléphone. Il est valable {minutes, plural, one {# minute} other {# minutes}}. Ne le partagez pas. {appName} ne vous le demandera jamais.',
  'mail.text.replace':
    '{code} est votre code {appName} pour changer de téléphone. Il est valable {minutes, plural, one {# minute} other {# minutes}}. Ne le partagez pas. {appName} ne vous le demandera jamais.',
  'consent.text':
    'En ajoutant ce numéro, vous acceptez que {appName} vous envoie des codes par SMS, un à chaque connexion ou confirmation d’un changement. Des frais de messages et de données peuvent s’appliquer. Répondez STOP pour ne plus en recevoir.',
  'consent.textWithHelp':
    'En ajoutant ce numéro, vous acceptez que {appName} vous envoie des codes par SMS, un à chaque connexion ou confirmation d’un changement. Des frais de messages et de données peuvent s’appliquer. Répondez STOP pour ne plus en recevoir, HELP pour obtenir de l’aide.',

  // Problems
  'problem.code_malformed.title': 'Vérifiez le code',
  'problem.code_malformed.detail': 'Saisissez les chiffres du code que nous vous avons envoyé.',
  'problem.request_malformed.title': 'Demande non comprise',
  'problem.request_malformed.detail':
    'Envoyez du JSON ou un formulaire avec les champs que cette adresse accepte.',
  'problem.not_authenticated.title': 'Non connecté',
  'problem.not_authenticated.detail': 'Connectez-vous d’abord.',
  'problem.second_factor_required.title': 'Confirmez que c’est bien vous',
  'problem.second_factor_required.detail': 'Saisissez d’abord un code, puis continuez.',
  'problem.fresh_login_required.title': 'Reconnectez-vous',
  'problem.fresh_login_required.detail':
    'Pour modifier vos paramètres de sécurité, déconnectez-vous, puis reconnectez-vous.',
  'problem.code_incorrect.title': 'Code incorrect',
  'problem.code_incorrect.detail':
    'Ce n’est pas le code que nous vous avons envoyé. Vérifiez-le et réessayez.',
  'problem.challenge_expired.title': 'Code expiré',
  'problem.challenge_expired.detail': 'Ce code ne peut plus être utilisé. Demandez-en un nouveau.',
  'problem.enrollment_required.title': 'Ajoutez un téléphone',
  'problem.enrollment_required.detail': 'Ajoutez d’abord un numéro de téléphone.',
  'problem.fresh_second_factor_required.title': 'Confirmez à nouveau',
  'problem.fresh_second_factor_required.detail':
    'Pour modifier vos paramètres de sécurité, confirmez encore une fois que c’est bien vous.',
  'problem.cross_site_request.title': 'Demande venant d’un autre site',
  'problem.cross_site_request.detail':
    'Cette demande ne vient pas d’une page de ce site. Revenez en arrière et réessayez d’ici.',
  'problem.already_enrolled.title': 'Téléphone déjà ajouté',
  'problem.already_enrolled.detail': 'Votre compte a déjà un téléphone.',
  'problem.send_refused.title': 'SMS non envoyé',
  'problem.send_refused.detail': 'Nous ne pouvons pas envoyer de SMS pour cette demande.',
  'problem.not_found.title': 'Introuvable',
  'problem.not_found.detail': 'Il n’y a rien ici.',
  'problem.method_not_allowed.title': 'Méthode non autorisée',
  'problem.method_not_allowed.detail': 'Cette adresse n’accepte pas cette méthode.',
  'problem.channel_not_available.title': 'Indisponible',
  'problem.channel_not_available.detail':
    'Nous ne pouvons pas vous envoyer de code de cette façon. Utilisez votre téléphone.',
  'problem.phone_opted_out.title': 'Les SMS sont arrêtés',
  'problem.phone_opted_out.detail':
    'Ce téléphone a répondu STOP à nos SMS. Envoyez UNSTOP au numéro d’où ils venaient, puis réessayez.',
  'problem.request_too_large.title': 'Demande trop volumineuse',
  'problem.request_too_large.detail': 'Envoyez 10 ko au maximum.',
  'problem.phone_invalid.title': 'Vérifiez le numéro de téléphone',
  'problem.phone_invalid.detail': 'Saisissez un numéro de mobile avec son indicatif régional.',
  'problem.destination_not_allowed.title': 'Nous ne pouvons pas envoyer de SMS à ce numéro',
  'problem.destination_not_allowed.detail':
    'Nous n’envoyons pas de SMS aux numéros de ce type ou de ce pays.',
  'problem.resend_too_soon.title': 'Un instant',
  'problem.resend_too_soon.detail': 'Nous ne pouvons pas encore en envoyer un autre.',
  'problem.send_limit_reached.title': 'Trop de codes envoyés',
  'problem.send_limit_reached.detail': 'Nous ne pouvons pas en envoyer plus pour le moment.',
  'problem.too_many_attempts.title': 'Trop de tentatives',
  'problem.too_many_attempts.detail': 'Trop de codes incorrects ont été saisis.',
  'problem.delivery_failed.title': 'SMS non envoyé',
  'problem.delivery_failed.detail':
    'Nous n’avons pas pu envoyer le SMS. Réessayez dans un instant.',
  'problem.store_unavailable.title': 'Momentanément indisponible',
  'problem.store_unavailable.detail':
    'Nous ne pouvons pas le vérifier pour le moment. Réessayez dans un instant.',
  'problem.sending_suspended.title': 'Les SMS sont suspendus',
  'problem.sending_suspended.detail':
    'Nous ne pouvons pas envoyer de SMS à ce numéro pour le moment. Réessayez plus tard.',
  'problem.misconfigured.title': 'Un problème est survenu',
  'problem.misconfigured.detail': 'Il vient de chez nous, et vous ne pouvez pas le résoudre d’ici.',

  // More than the problem's own words
  'detail.lastGuess':
    'Ce n’est pas le code que nous vous avons envoyé, et ce code ne peut plus être utilisé.',
  'detail.codeMissing': 'Saisissez les {digits} chiffres du code que nous vous avons envoyé.',
  'detail.codeNotDigits': 'Un code n’a que des chiffres, {digits} en tout.',
  'detail.codeTooShort': 'C’est trop court. Un code a {digits} chiffres.',
  'detail.codeTooLong': 'C’est trop long. Un code a {digits} chiffres.',
  'detail.countryMalformed': 'country est fait de deux lettres, comme US.',
  'detail.channelUnknown': 'channel est «\u00a0sms\u00a0» ou «\u00a0email\u00a0».',
  'detail.disabled':
    'Les codes sont désactivés pour votre compte. Contactez l’assistance pour y accéder de nouveau.',
  'detail.recoveryMalformed':
    'Un code de secours a {length} lettres et chiffres, par groupes de {group}.',
  'detail.recoveryWrong':
    'Ce n’est pas l’un de vos codes de secours non utilisés. Vérifiez-le et réessayez.',
  'detail.recoveryNotYet':
    'Ce code fait partie de votre dernière série, qui ne sert pas tant que vous n’avez pas dit l’avoir enregistrée. Utilisez l’un des codes précédents.',
  'detail.recoveryTooMany': 'Trop de codes de secours incorrects ont été essayés ici.',
  'detail.recoveryReplaced': 'Ces codes de secours ont été remplacés par de plus récents.',
  'detail.recoveryNone':
    'Aucun code de secours de cette session n’est en attente d’enregistrement.',
  'detail.recoveryElsewhere':
    'Les codes de secours en attente d’enregistrement ont été créés dans une autre session.',
  'detail.browserUnknown': 'Ce navigateur n’est pas ou plus un navigateur de confiance.',
  'detail.formDone': 'C’est fait.',
  'detail.formSent': 'C’est envoyé.',
  'detail.formLost':
    'Ce que vous avez envoyé n’a pas été fait, et nous ne l’avons plus. Envoyez-le de nouveau.',
  'detail.formNone': 'Il n’y a rien à terminer.',
  'detail.phoneOnly':
    'Saisissez un seul numéro de téléphone et rien d’autre\u00a0: ni nom, ni poste.',
  'detail.phoneReadAs':
    'Nous l’avons lu comme un numéro de ce pays\u00a0: {country}. Vérifiez-le, ou commencez un numéro d’un autre pays par + et son indicatif, par exemple +{callingCode}.',
  'detail.phoneKind':
    'Nous ne pouvons pas envoyer de SMS aux numéros surtaxés, gratuits, personnels et autres du même genre. Utilisez un numéro de mobile.',
  'detail.areaUnknown':
    'Nous ne connaissons pas l’indicatif régional de ce numéro. Vérifiez-le. S’il est juste, il est peut-être trop récent\u00a0: utilisez un autre numéro, ou demandez-nous de l’ajouter.',
  'detail.countryUnserved': 'Nous n’envoyons pas de SMS aux numéros de ce pays\u00a0: {country}.',
  'detail.countryUnnamed': 'Nous n’envoyons pas de SMS aux numéros de ce pays.',
  'detail.servedOne': 'Nous envoyons des SMS aux numéros de ce pays uniquement\u00a0: {country}.',
  'detail.servedFew': 'Nous envoyons des SMS aux numéros de ces pays\u00a0: {countries}.',
  'detail.servedMany': 'Nous envoyons des SMS aux numéros de {count} pays.',

  // Pages
  'notice.attemptsLeft':
    '{count, plural, =0 {Plus aucune tentative.} one {Encore une tentative.} other {Encore # tentatives.}}',
  'notice.retryAfter': 'Réessayez dans {wait}.',
  'frame.back': 'Retour',
  'frame.continue': 'Continuer',
  'frame.notNow': 'Pas maintenant',
  'frame.signOut': 'Se déconnecter',
  'code.texted':
    'Saisissez le code à {digits} chiffres que nous avons envoyé par SMS au {phone}. Il reste valable {minutes, plural, one {# minute} other {# minutes}}.',
  'code.emailed':
    'Saisissez le code à {digits} chiffres que nous avons envoyé par e-mail à {email}. Il reste valable {minutes, plural, one {# minute} other {# minutes}}.',
  'code.label': 'Code',
  'code.confirm': 'Confirmer',
  'code.trust':
    'Ne pas demander de code dans ce navigateur pendant {days, plural, one {# jour} other {# jours}}',
  'code.delivered': 'Le SMS est arrivé sur votre téléphone.',
  'code.undelivered':
    'Nous n’avons pas pu remettre le SMS. Vérifiez que votre téléphone est allumé, ou choisissez un autre moyen.',
  'code.textMe': 'M’envoyer un code par SMS',
  'code.emailMe': 'M’envoyer un code par e-mail',
  'code.resend': 'Renvoyer le SMS',
  'code.noText': 'Vous n’avez pas reçu de SMS\u202f?',
  'code.resendIn': 'Vous pourrez le redemander dans {wait}.',
  'code.sameCode': 'C’est chaque fois le même code\u00a0: un SMS qui arrive tard est donc valable.',
  'code.noneLeft': 'Nous ne pouvons pas envoyer plus de SMS pour le moment.',
  'challenge.title': 'Confirmez que c’est bien vous',
  'challenge.willText': 'Nous enverrons un code par SMS au {phone}.',
  'challenge.mayEmail':
    'Vous n’avez pas votre téléphone\u202f? Nous pouvons envoyer un code par e-mail à {email}.',
  'challenge.locked':
    'Trop de codes incorrects ont été saisis. Vous pourrez réessayer dans {wait}.',
  'challenge.lockedButRecovery':
    'Trop de codes incorrects ont été saisis. Vous pourrez réessayer dans {wait}, ou utiliser dès maintenant un code de secours.',
  'challenge.disabled':
    'Les codes vers ce téléphone sont désactivés, car il y en a eu trop d’incorrects. Contactez l’assistance pour accéder de nouveau à votre compte.',
  'challenge.disabledButRecovery':
    'Les codes vers ce téléphone sont désactivés, car il y en a eu trop d’incorrects. Utilisez un code de secours, ou contactez l’assistance.',
  'challenge.kept':
    'Nous avons gardé ce que vous avez envoyé. Vous pourrez le terminer après cette étape.',
  'challenge.lost':
    'Ce que vous avez envoyé n’a pas été fait. Vous pourrez le renvoyer après cette étape.',
  'recovery.summary': 'Utiliser plutôt un code de secours',
  'recovery.label': 'Code de secours',
  'recovery.use': 'Utiliser ce code',
  'enrollment.title': 'Protégez votre compte',
  'enrollment.why':
    'À la connexion, nous vous demanderons votre mot de passe et un code envoyé par SMS à votre téléphone. Un mot de passe volé ne suffira plus.',
  'enrollment.safer':
    'Dans de rares cas, quelqu’un d’autre peut lire vos SMS, par exemple après avoir transféré votre numéro sur son téléphone. Si vous pouvez utiliser une application d’authentification ou une clé de sécurité, c’est plus sûr.',
  'enrollment.otherTitle': 'Ajoutez un téléphone',
  'enrollment.otherFirst':
    'Votre compte a déjà un autre moyen de confirmer que c’est bien vous. Utilisez-le d’abord, puis vous pourrez ajouter un téléphone ici.',
  'enrollment.confirmTitle': 'Confirmez votre téléphone',
  'enrollment.confirm': 'Confirmer le téléphone',
  'enrollment.noText': 'Pas de SMS, ou mauvais numéro\u202f?',
  'phone.label': 'Numéro de mobile, avec l’indicatif régional',
  'phone.textCode': 'Envoyer un code',
  'phone.countries': 'Nous envoyons des SMS aux numéros de ces pays\u00a0: {countries}',
  'phone.countryCount': 'Nous envoyons des SMS aux numéros de {count} pays',
  'phone.terms': 'Conditions',
  'phone.privacy': 'Confidentialité',
  'phone.support': 'Aide',
  'manage.title': 'Validation en deux étapes',
  'manage.phone': 'Nous envoyons vos codes au {phone}.',
  'manage.yourPhone': 'Votre téléphone',
  'manage.change': 'Changer de numéro',
  'manage.textNew': 'Envoyer un code au nouveau numéro',
  'manage.confirmNew': 'Confirmez votre nouveau numéro',
  'manage.useNew': 'Utiliser ce numéro',
  'manage.untilThen': 'D’ici là, les codes vont à votre ancien numéro.',
  'manage.recovery': 'Codes de secours',
  'manage.recoveryLeft':
    '{count, plural, =0 {Vous n’avez plus de code de secours.} one {Il vous reste un code de secours.} other {Il vous reste # codes de secours.}}',
  'manage.recoverySoon': 'Obtenez-en bientôt de nouveaux.',
  'manage.recoveryWhy': 'Ils vous donnent accès quand vous ne pouvez pas recevoir de SMS.',
  'manage.recoveryNew': 'Obtenir de nouveaux codes de secours',
  'manage.newCodes': 'Vos nouveaux codes de secours',
  'manage.savedThem': 'Avez-vous enregistré vos nouveaux codes de secours\u202f?',
  'manage.olderCount': 'Tant que vous ne le dites pas, ce sont vos anciens codes qui servent.',
  'manage.getNew': 'Si vous ne les avez pas, obtenez-en de nouveaux ci-dessous.',
  'manage.browsers': 'Navigateurs de confiance',
  'manage.noBrowsers': 'Vous n’avez aucun navigateur de confiance.',
  'manage.thisBrowser': '{name} (ce navigateur)',
  'manage.browserDates': 'De confiance depuis le {since}, dernière utilisation le {used}',
  'manage.revoke': 'Ne plus faire confiance',
  'manage.revokeAll': 'Ne plus faire confiance à aucun navigateur',
  'manage.off': 'Désactiver la validation en deux étapes',
  'manage.offMeans': 'Vous vous connecterez avec votre seul mot de passe.',
  'manage.turnOff': 'Désactiver',
  'recoveryCodes.title': 'Vos codes de secours',
  'recoveryCodes.save':
    'Enregistrez-les dans un endroit sûr, ailleurs que sur votre téléphone. Chacun vous donne accès une fois, quand vous ne pouvez pas recevoir de SMS. Vous pouvez y revenir pendant un certain temps, jusqu’à ce que vous nous disiez les avoir enregistrés.',
  'recoveryCodes.older':
    'D’ici là, vos anciens codes de secours servent. Ensuite, seulement ceux-ci.',
  'recoveryCodes.saved': 'Je les ai enregistrés',
  'resume.title': 'Terminez ce que vous avez commencé',
  'resume.sentTo':
    'Merci d’avoir confirmé. Ce que vous avez envoyé à {path} n’a pas encore été fait. Voulez-vous continuer\u202f?',
  'resume.described':
    'Merci d’avoir confirmé. Ceci n’a pas encore été fait. Voulez-vous continuer\u202f?',
  'resume.yes': 'Oui, continuer',
  'resume.no': 'Non, annuler',
  'resume.doneTitle': 'C’est fait',
  'resume.done': 'Cela a été fait une fois et ne se répétera pas.',
  'resume.sentTitle': 'C’est envoyé',
  'resume.sent':
    'Cela a été envoyé une fois et ne sera pas renvoyé. Vérifiez si l’envoi a abouti avant de remplir à nouveau le formulaire.',
};
