import type { Messages } from './catalog';

/** German; it says Sie. What is texted stays in ASCII: an umlaut makes a text dearer. */
export const de: Messages = {
  // Texts and mails
  'text.code.sign-in':
    '{code} ist Ihr Code zum Anmelden bei {appName}. Gilt {minutes} Min. Nicht weitergeben.',
  'text.code.step-up':
    '{code} ist Ihr Sicherheitscode von {appName}. Gilt {minutes} Min. Nicht weitergeben.',
  'text.code.enroll':
    '{code} ist Ihr Code zum Einrichten des Telefons bei {appName}. Gilt {minutes} Min. Nicht weitergeben.',
  'text.code.replace':
    '{code} ist Ihr Code zum Wechsel des Telefons bei {appName}. Gilt {minutes} Min. Nicht weitergeben.',
  'text.short': '{code} ist Ihr Code von {appName}. Nicht weitergeben.',
  'text.report': 'Nicht Sie? Antworten Sie {word}',
  'help.about': '{appName}: Codes zum Anmelden und zur Freigabe.',
  'help.where': 'Hilfe: {help}',
  'help.rates': 'SMS- und Datentarife gelten.',
  'help.stop': 'Mit STOP beenden.',
  'mail.subject.sign-in': 'Ihr Code zum Anmelden bei {appName}',
  'mail.subject.step-up': 'Ihr Sicherheitscode von {appName}',
  'mail.subject.enroll': 'Ihr Code zum Einrichten des Telefons bei {appName}',
  'mail.subject.replace': 'Ihr Code zum Wechsel des Telefons bei {appName}',
  'mail.text.sign-in':
    '{code} ist Ihr Code zum Anmelden bei {appName}. Er gilt {minutes, plural, one {# Minute} other {# Minuten}}. Geben Sie ihn nicht weiter. {appName} wird Sie nie danach fragen.',
  'mail.text.step-up':
    '{code} ist Ihr Sicherheitscode von {appName}. Er gilt {minutes, plural, one {# Minute} other {# Minuten}}. Geben Sie ihn nicht weiter. {appName} wird Sie nie danach fragen.',
  'mail.text.enroll':
    '{code} ist Ihr Code zum Einrichten des Telefons bei {appName}. Er gilt {minutes, plural, one {# Minute} other {# Minuten}}. Geben Sie ihn nicht weiter. {appName} wird Sie nie danach fragen.',
  'mail.text.replace':
    '{code} ist Ihr Code zum Wechsel des Telefons bei {appName}. Er gilt {minutes, plural, one {# Minute} other {# Minuten}}. Geben Sie ihn nicht weiter. {appName} wird Sie nie danach fragen.',
  'consent.text':
    'Wenn Sie diese Nummer hinzufügen, stimmen Sie zu, von {appName} SMS mit Codes zu bekommen: eine bei jeder Anmeldung und jeder Änderung, die Sie bestätigen. Es können Kosten für SMS und Daten anfallen. Antworten Sie STOP, um keine mehr zu bekommen.',
  'consent.textWithHelp':
    'Wenn Sie diese Nummer hinzufügen, stimmen Sie zu, von {appName} SMS mit Codes zu bekommen: eine bei jeder Anmeldung und jeder Änderung, die Sie bestätigen. Es können Kosten für SMS und Daten anfallen. Antworten Sie STOP, um keine mehr zu bekommen, oder HELP für Hilfe.',

  // Problems
  'problem.code_malformed.title': 'Prüfen Sie den Code',
  'problem.code_malformed.detail':
    'Geben Sie die Ziffern des Codes ein, den wir Ihnen geschickt haben.',
  'problem.request_malformed.title': 'Anfrage nicht verstanden',
  'problem.request_malformed.detail':
    'Senden Sie JSON oder ein Formular mit den Feldern, die diese Adresse annimmt.',
  'problem.not_authenticated.title': 'Nicht angemeldet',
  'problem.not_authenticated.detail': 'Melden Sie sich zuerst an.',
  'problem.second_factor_required.title': 'Bestätigen Sie, dass Sie es sind',
  'problem.second_factor_required.detail': 'Geben Sie zuerst einen Code ein, dann geht es weiter.',
  'problem.fresh_login_required.title': 'Melden Sie sich noch einmal an',
  'problem.fresh_login_required.detail':
    'Um Ihre Sicherheitseinstellungen zu ändern, melden Sie sich ab und wieder an.',
  'problem.code_incorrect.title': 'Falscher Code',
  'problem.code_incorrect.detail':
    'Das ist nicht der Code, den wir Ihnen geschickt haben. Prüfen Sie ihn und versuchen Sie es noch einmal.',
  'problem.challenge_expired.title': 'Code abgelaufen',
  'problem.challenge_expired.detail':
    'Dieser Code kann nicht mehr verwendet werden. Fordern Sie einen neuen an.',
  'problem.enrollment_required.title': 'Fügen Sie ein Telefon hinzu',
  'problem.enrollment_required.detail': 'Fügen Sie zuerst eine Telefonnummer hinzu.',
  'problem.fresh_second_factor_required.title': 'Bestätigen Sie noch einmal',
  'problem.fresh_second_factor_required.detail':
    'Um Ihre Sicherheitseinstellungen zu ändern, bestätigen Sie noch einmal, dass Sie es sind.',
  'problem.cross_site_request.title': 'Anfrage von einer anderen Website',
  'problem.cross_site_request.detail':
    'Diese Anfrage kam nicht von einer Seite dieser Website. Gehen Sie zurück und versuchen Sie es von hier aus noch einmal.',
  'problem.already_enrolled.title': 'Telefon schon hinzugefügt',
  'problem.already_enrolled.detail': 'Ihr Konto hat schon ein Telefon.',
  'problem.send_refused.title': 'SMS nicht gesendet',
  'problem.send_refused.detail': 'Für diese Anfrage können wir keine SMS senden.',
  'problem.not_found.title': 'Nicht gefunden',
  'problem.not_found.detail': 'Hier ist nichts.',
  'problem.method_not_allowed.title': 'Methode nicht erlaubt',
  'problem.method_not_allowed.detail': 'Diese Adresse nimmt die Methode nicht an.',
  'problem.channel_not_available.title': 'Nicht verfügbar',
  'problem.channel_not_available.detail':
    'Auf diesem Weg können wir Ihnen keinen Code schicken. Verwenden Sie Ihr Telefon.',
  'problem.phone_opted_out.title': 'SMS sind abbestellt',
  'problem.phone_opted_out.detail':
    'Dieses Telefon hat auf unsere SMS mit STOP geantwortet. Schicken Sie UNSTOP an die Nummer, von der sie kamen, und versuchen Sie es noch einmal.',
  'problem.request_too_large.title': 'Anfrage zu groß',
  'problem.request_too_large.detail': 'Senden Sie höchstens 10 kB.',
  'problem.phone_invalid.title': 'Prüfen Sie die Telefonnummer',
  'problem.phone_invalid.detail': 'Geben Sie eine Handynummer mit Vorwahl ein.',
  'problem.destination_not_allowed.title': 'An diese Nummer können wir keine SMS senden',
  'problem.destination_not_allowed.detail':
    'An Nummern dieser Art oder dieses Landes senden wir keine SMS.',
  'problem.resend_too_soon.title': 'Einen Moment bitte',
  'problem.resend_too_soon.detail': 'Wir können noch keinen weiteren Code senden.',
  'problem.send_limit_reached.title': 'Zu viele Codes gesendet',
  'problem.send_limit_reached.detail': 'Im Moment können wir keine weiteren senden.',
  'problem.too_many_attempts.title': 'Zu viele Versuche',
  'problem.too_many_attempts.detail': 'Es gab zu viele falsche Codes.',
  'problem.delivery_failed.title': 'SMS nicht gesendet',
  'problem.delivery_failed.detail':
    'Wir konnten die SMS nicht senden. Versuchen Sie es gleich noch einmal.',
  'problem.store_unavailable.title': 'Vorübergehend nicht verfügbar',
  'problem.store_unavailable.detail':
    'Das können wir gerade nicht prüfen. Versuchen Sie es gleich noch einmal.',
  'problem.sending_suspended.title': 'SMS sind unterbrochen',
  'problem.sending_suspended.detail':
    'An diese Nummer können wir gerade keine SMS senden. Versuchen Sie es später noch einmal.',
  'problem.misconfigured.title': 'Etwas ist schiefgegangen',
  'problem.misconfigured.detail': 'Es liegt an uns, und von hier aus lässt es sich nicht beheben.',

  // More than the problem's own words
  'detail.lastGuess':
    'Das ist nicht der Code, den wir Ihnen geschickt haben, und dieser kann nicht mehr verwendet werden.',
  'detail.codeMissing':
    'Geben Sie die {digits} Ziffern des Codes ein, den wir Ihnen geschickt haben.',
  'detail.codeNotDigits': 'Ein Code hat nur Ziffern, und zwar {digits}.',
  'detail.codeTooShort': 'Das ist zu kurz. Ein Code hat {digits} Ziffern.',
  'detail.codeTooLong': 'Das ist zu lang. Ein Code hat {digits} Ziffern.',
  'detail.countryMalformed': 'country besteht aus zwei Buchstaben, zum Beispiel US.',
  'detail.channelUnknown': 'channel ist „sms“ oder „email“.',
  'detail.disabled':
    'Codes sind für Ihr Konto abgeschaltet. Wenden Sie sich an den Support, um wieder hineinzukommen.',
  'detail.recoveryMalformed':
    'Ein Wiederherstellungscode hat {length} Buchstaben und Ziffern, in Gruppen zu {group}.',
  'detail.recoveryWrong':
    'Das ist keiner Ihrer unbenutzten Wiederherstellungscodes. Prüfen Sie ihn und versuchen Sie es noch einmal.',
  'detail.recoveryNotYet':
    'Dieser Code gehört zu Ihrem neuesten Satz. Der gilt erst, wenn Sie bestätigt haben, dass er gespeichert ist. Verwenden Sie einen der älteren.',
  'detail.recoveryTooMany': 'Hier wurden zu viele falsche Wiederherstellungscodes versucht.',
  'detail.recoveryReplaced': 'Diese Wiederherstellungscodes wurden durch neuere ersetzt.',
  'detail.recoveryNone': 'Aus dieser Sitzung sind keine Wiederherstellungscodes mehr zu speichern.',
  'detail.recoveryElsewhere':
    'Die Wiederherstellungscodes, die noch zu speichern sind, wurden in einer anderen Sitzung erstellt.',
  'detail.browserUnknown': 'Dieser Browser ist nicht oder nicht mehr vertrauenswürdig.',
  'detail.formDone': 'Das ist erledigt.',
  'detail.formSent': 'Das wurde gesendet.',
  'detail.formLost':
    'Was Sie abgeschickt haben, wurde nicht ausgeführt, und wir haben es nicht mehr. Schicken Sie es noch einmal ab.',
  'detail.formNone': 'Es ist nichts offen.',
  'detail.phoneOnly':
    'Geben Sie eine einzige Telefonnummer ein und sonst nichts: keinen Namen, keine Durchwahl.',
  'detail.phoneReadAs':
    'Wir haben sie als Nummer aus diesem Land gelesen: {country}. Prüfen Sie sie, oder beginnen Sie eine Nummer aus einem anderen Land mit + und der Landesvorwahl, zum Beispiel +{callingCode}.',
  'detail.phoneKind':
    'An Sondernummern, gebührenfreie und persönliche Nummern und dergleichen können wir keine SMS senden. Verwenden Sie eine Handynummer.',
  'detail.areaUnknown':
    'Wir kennen die Vorwahl dieser Nummer nicht. Prüfen Sie sie. Wenn sie stimmt, ist sie vielleicht zu neu: Verwenden Sie eine andere Nummer, oder bitten Sie uns, sie aufzunehmen.',
  'detail.countryUnserved': 'An Nummern aus diesem Land senden wir keine SMS: {country}.',
  'detail.countryUnnamed': 'An Nummern aus diesem Land senden wir keine SMS.',
  'detail.servedOne': 'Wir senden SMS nur an Nummern aus diesem Land: {country}.',
  'detail.servedFew': 'Wir senden SMS an Nummern aus diesen Ländern: {countries}.',
  'detail.servedMany':
    'Wir senden SMS an Nummern aus {count, plural, one {# Land} other {# Ländern}}.',

  // Pages
  'notice.attemptsLeft':
    '{count, plural, =0 {Kein Versuch mehr übrig.} one {Noch ein Versuch.} other {Noch # Versuche.}}',
  'notice.retryAfter': 'Versuchen Sie es in {wait} noch einmal.',
  'frame.back': 'Zurück',
  'frame.continue': 'Weiter',
  'frame.notNow': 'Jetzt nicht',
  'frame.signOut': 'Abmelden',
  'code.texted':
    'Geben Sie den {digits}-stelligen Code ein, den wir per SMS an {phone} geschickt haben. Er gilt noch {minutes, plural, one {# Minute} other {# Minuten}}.',
  'code.emailed':
    'Geben Sie den {digits}-stelligen Code ein, den wir per E-Mail an {email} geschickt haben. Er gilt noch {minutes, plural, one {# Minute} other {# Minuten}}.',
  'code.label': 'Code',
  'code.confirm': 'Bestätigen',
  'code.trust':
    'In diesem Browser {days, plural, one {# Tag} other {# Tage}} lang nicht nach einem Code fragen',
  'code.delivered': 'Die SMS ist auf Ihrem Telefon angekommen.',
  'code.undelivered':
    'Wir konnten die SMS nicht zustellen. Prüfen Sie, ob Ihr Telefon eingeschaltet ist, oder nehmen Sie einen anderen Weg.',
  'code.textMe': 'Code per SMS schicken',
  'code.emailMe': 'Code per E-Mail schicken',
  'code.resend': 'Noch einmal schicken',
  'code.noText': 'Keine SMS bekommen?',
  'code.resendIn': 'In {wait} können Sie sie noch einmal anfordern.',
  'code.sameCode': 'Es ist jedes Mal derselbe Code, also gilt auch eine SMS, die spät ankommt.',
  'code.noneLeft': 'Im Moment können wir keine weiteren SMS senden.',
  'challenge.title': 'Bestätigen Sie, dass Sie es sind',
  'challenge.willText': 'Wir schicken einen Code per SMS an {phone}.',
  'challenge.mayEmail':
    'Kein Telefon zur Hand? Wir können einen Code per E-Mail an {email} schicken.',
  'challenge.locked':
    'Es gab zu viele falsche Codes. In {wait} können Sie es noch einmal versuchen.',
  'challenge.lockedButRecovery':
    'Es gab zu viele falsche Codes. In {wait} können Sie es noch einmal versuchen, oder Sie verwenden jetzt einen Wiederherstellungscode.',
  'challenge.disabled':
    'Codes an dieses Telefon sind nach zu vielen falschen abgeschaltet. Wenden Sie sich an den Support, um wieder hineinzukommen.',
  'challenge.disabledButRecovery':
    'Codes an dieses Telefon sind nach zu vielen falschen abgeschaltet. Verwenden Sie einen Wiederherstellungscode, oder wenden Sie sich an den Support.',
  'challenge.kept':
    'Wir haben aufgehoben, was Sie abgeschickt haben. Nach diesem Schritt können Sie es abschließen.',
  'challenge.lost':
    'Was Sie abgeschickt haben, wurde nicht ausgeführt. Nach diesem Schritt können Sie es noch einmal abschicken.',
  'recovery.summary': 'Stattdessen einen Wiederherstellungscode verwenden',
  'recovery.label': 'Wiederherstellungscode',
  'recovery.use': 'Diesen Code verwenden',
  'enrollment.title': 'Schützen Sie Ihr Konto',
  'enrollment.why':
    'Beim Anmelden fragen wir nach Ihrem Passwort und nach einem Code, den wir per SMS an Ihr Telefon schicken. Ein gestohlenes Passwort allein reicht dann nicht.',
  'enrollment.safer':
    'In seltenen Fällen kann jemand anderes Ihre SMS lesen, etwa nachdem Ihre Nummer auf ein fremdes Telefon übertragen wurde. Wenn Sie stattdessen eine Authenticator-App oder einen Sicherheitsschlüssel verwenden können, ist das sicherer.',
  'enrollment.otherTitle': 'Telefon hinzufügen',
  'enrollment.otherFirst':
    'Ihr Konto hat schon einen anderen Weg, um zu bestätigen, dass Sie es sind. Nehmen Sie zuerst diesen, dann können Sie hier ein Telefon hinzufügen.',
  'enrollment.confirmTitle': 'Bestätigen Sie Ihr Telefon',
  'enrollment.confirm': 'Telefon bestätigen',
  'enrollment.noText': 'Keine SMS oder falsche Nummer?',
  'phone.label': 'Handynummer mit Vorwahl',
  'phone.textCode': 'Code schicken',
  'phone.countries': 'Wir senden SMS an Nummern aus: {countries}',
  'phone.countryCount':
    'Wir senden SMS an Nummern aus {count, plural, one {# Land} other {# Ländern}}',
  'phone.terms': 'Nutzungsbedingungen',
  'phone.privacy': 'Datenschutz',
  'phone.support': 'Hilfe',
  'manage.title': 'Bestätigung in zwei Schritten',
  'manage.phone': 'Wir schicken Ihre Codes an {phone}.',
  'manage.yourPhone': 'Ihr Telefon',
  'manage.change': 'Nummer ändern',
  'manage.textNew': 'Code an die neue Nummer schicken',
  'manage.confirmNew': 'Bestätigen Sie Ihre neue Nummer',
  'manage.useNew': 'Diese Nummer verwenden',
  'manage.untilThen': 'Bis dahin gehen Codes an Ihre alte Nummer.',
  'manage.recovery': 'Wiederherstellungscodes',
  'manage.recoveryLeft':
    '{count, plural, =0 {Sie haben keine Wiederherstellungscodes mehr.} one {Sie haben noch einen Wiederherstellungscode.} other {Sie haben noch # Wiederherstellungscodes.}}',
  'manage.recoverySoon': 'Holen Sie sich bald neue.',
  'manage.recoveryWhy': 'Damit kommen Sie hinein, wenn Sie keine SMS bekommen können.',
  'manage.recoveryNew': 'Neue Wiederherstellungscodes erstellen',
  'manage.newCodes': 'Ihre neuen Wiederherstellungscodes',
  'manage.savedThem': 'Haben Sie Ihre neuen Wiederherstellungscodes gespeichert?',
  'manage.olderCount': 'Bis Sie uns das sagen, gelten Ihre älteren Codes.',
  'manage.getNew': 'Wenn Sie sie nicht haben, erstellen Sie unten neue.',
  'manage.browsers': 'Vertrauenswürdige Browser',
  'manage.noBrowsers': 'Sie haben keine vertrauenswürdigen Browser.',
  'manage.thisBrowser': '{name} (dieser Browser)',
  'manage.browserDates': 'Vertraut seit {since}, zuletzt verwendet am {used}',
  'manage.revoke': 'Nicht mehr vertrauen',
  'manage.revokeAll': 'Keinem Browser mehr vertrauen',
  'manage.off': 'Bestätigung in zwei Schritten abschalten',
  'manage.offMeans': 'Sie melden sich dann nur mit Ihrem Passwort an.',
  'manage.turnOff': 'Abschalten',
  'recoveryCodes.title': 'Ihre Wiederherstellungscodes',
  'recoveryCodes.save':
    'Bewahren Sie sie an einem sicheren Ort auf, nicht auf Ihrem Telefon. Jeder lässt Sie einmal hinein, wenn Sie keine SMS bekommen können. Eine Zeit lang können Sie hierher zurückkommen, bis Sie uns sagen, dass Sie sie gespeichert haben.',
  'recoveryCodes.older':
    'Bis dahin gelten Ihre älteren Wiederherstellungscodes, danach nur noch diese.',
  'recoveryCodes.saved': 'Ich habe sie gespeichert',
  'resume.title': 'Beenden Sie, was Sie angefangen haben',
  'resume.sentTo':
    'Danke für die Bestätigung. Was Sie an {path} abgeschickt haben, wurde noch nicht ausgeführt. Möchten Sie fortfahren?',
  'resume.described':
    'Danke für die Bestätigung. Das wurde noch nicht ausgeführt. Möchten Sie fortfahren?',
  'resume.yes': 'Ja, fortfahren',
  'resume.no': 'Nein, abbrechen',
  'resume.doneTitle': 'Das ist erledigt',
  'resume.done': 'Es wurde einmal ausgeführt und wird nicht wiederholt.',
  'resume.sentTitle': 'Das wurde gesendet',
  'resume.sent':
    'Es wurde einmal gesendet und wird nicht noch einmal gesendet. Prüfen Sie, ob es angekommen ist, bevor Sie es wieder ausfüllen.',
};
