import type { Messages } from './catalog';

/**
 * Spanish, as it is read in all of the Americas; it says usted. What is texted stays in ASCII, with the
 * plain letters that texts are written in: an accent makes a text dearer.
 */
export const es: Messages = {
  // Texts and mails
  'text.code.sign-in':
    '{code} es su codigo para entrar a {appName}. Vence en {minutes} min. No lo comparta.',
  'text.code.step-up':
    '{code} es su codigo de seguridad de {appName}. Vence en {minutes} min. No lo comparta.',
  'text.code.enroll':
    '{code} es su codigo para agregar su celular a {appName}. Vence en {minutes} min. No lo comparta.',
  'text.code.replace':
    '{code} es su codigo para cambiar de celular en {appName}. Vence en {minutes} min. No lo comparta.',
  'text.short': '{code} es su codigo de {appName}. No lo comparta.',
  'text.report': 'Si no fue usted, responda {word}',
  'help.about': '{appName}: codigos para entrar y confirmar cambios.',
  'help.where': 'Ayuda: {help}',
  'help.rates': 'Pueden aplicarse tarifas de mensajes y datos.',
  'help.stop': 'Responda STOP para cancelar.',
  'mail.subject.sign-in': 'Su código para iniciar sesión en {appName}',
  'mail.subject.step-up': 'Su código de seguridad de {appName}',
  'mail.subject.enroll': 'Su código para agregar su teléfono a {appName}',
  'mail.subject.replace': 'Su código para cambiar su teléfono en {appName}',
  'mail.text.sign-in':
    '{code} es su código para iniciar sesión en {appName}. Vence en {minutes, plural, one {# minuto} other {# minutos}}. No lo comparta. {appName} nunca se lo pedirá.',
  'mail.text.step-up':
    '{code} es su código de seguridad de {appName}. Vence en {minutes, plural, one {# minuto} other {# minutos}}. No lo comparta. {appName} nunca se lo pedirá.',
  'mail.text.enroll':
    '{code} es su código para agregar su teléfono a {appName}. Vence en {minutes, plural, one {# minuto} other {# minutos}}. No lo comparta. {appName} nunca se lo pedirá.',
  'mail.text.replace':
    '{code} es su código para cambiar su teléfono en {appName}. Vence en {minutes, plural, one {# minuto} other {# minutos}}. No lo comparta. {appName} nunca se lo pedirá.',
  'consent.text':
    'Al agregar este número, acepta recibir mensajes de texto de {appName} con códigos: uno cada vez que inicie sesión o confirme un cambio. Pueden aplicarse tarifas de mensajes y datos. Responda STOP para dejar de recibirlos.',
  'consent.textWithHelp':
    'Al agregar este número, acepta recibir mensajes de texto de {appName} con códigos: uno cada vez que inicie sesión o confirme un cambio. Pueden aplicarse tarifas de mensajes y datos. Responda STOP para dejar de recibirlos o HELP para obtener ayuda.',

  // Problems
  'problem.code_malformed.title': 'Revise el código',
  'problem.code_malformed.detail': 'Ingrese los dígitos del código que le enviamos.',
  'problem.request_malformed.title': 'No entendimos la solicitud',
  'problem.request_malformed.detail':
    'Envíe JSON o un formulario con los campos que acepta esta dirección.',
  'problem.not_authenticated.title': 'No ha iniciado sesión',
  'problem.not_authenticated.detail': 'Primero inicie sesión.',
  'problem.second_factor_required.title': 'Confirme que es usted',
  'problem.second_factor_required.detail': 'Primero ingrese un código y luego continúe.',
  'problem.fresh_login_required.title': 'Inicie sesión otra vez',
  'problem.fresh_login_required.detail':
    'Para cambiar sus opciones de seguridad, cierre la sesión e iníciela otra vez.',
  'problem.code_incorrect.title': 'Código incorrecto',
  'problem.code_incorrect.detail':
    'Ese no es el código que le enviamos. Revíselo e inténtelo otra vez.',
  'problem.challenge_expired.title': 'El código venció',
  'problem.challenge_expired.detail': 'Ese código ya no se puede usar. Pida uno nuevo.',
  'problem.enrollment_required.title': 'Agregue un teléfono',
  'problem.enrollment_required.detail': 'Primero agregue un número de teléfono.',
  'problem.fresh_second_factor_required.title': 'Confirme otra vez',
  'problem.fresh_second_factor_required.detail':
    'Para cambiar sus opciones de seguridad, confirme una vez más que es usted.',
  'problem.cross_site_request.title': 'Solicitud de otro sitio',
  'problem.cross_site_request.detail':
    'Esta solicitud no vino de una página de este sitio. Regrese e inténtelo otra vez desde aquí.',
  'problem.already_enrolled.title': 'Ya hay un teléfono',
  'problem.already_enrolled.detail': 'Su cuenta ya tiene un teléfono.',
  'problem.send_refused.title': 'Mensaje no enviado',
  'problem.send_refused.detail': 'No podemos enviar un mensaje para esta solicitud.',
  'problem.not_found.title': 'No encontrado',
  'problem.not_found.detail': 'Aquí no hay nada.',
  'problem.method_not_allowed.title': 'Método no permitido',
  'problem.method_not_allowed.detail': 'Esta dirección no acepta ese método.',
  'problem.channel_not_available.title': 'No disponible',
  'problem.channel_not_available.detail':
    'No podemos enviarle un código de esa forma. Use su teléfono.',
  'problem.phone_opted_out.title': 'Los mensajes están detenidos',
  'problem.phone_opted_out.detail':
    'Este teléfono respondió STOP a nuestros mensajes. Envíe UNSTOP al número del que llegaron e inténtelo otra vez.',
  'problem.request_too_large.title': 'Solicitud demasiado grande',
  'problem.request_too_large.detail': 'Envíe como máximo 10 kB.',
  'problem.phone_invalid.title': 'Revise el número de teléfono',
  'problem.phone_invalid.detail': 'Ingrese un número de celular con su código de área.',
  'problem.destination_not_allowed.title': 'No podemos enviar mensajes a este número',
  'problem.destination_not_allowed.detail':
    'No enviamos mensajes a números de este tipo o de este país.',
  'problem.resend_too_soon.title': 'Espere un momento',
  'problem.resend_too_soon.detail': 'Todavía no podemos enviar otro.',
  'problem.send_limit_reached.title': 'Demasiados códigos enviados',
  'problem.send_limit_reached.detail': 'Por ahora no podemos enviar más.',
  'problem.too_many_attempts.title': 'Demasiados intentos',
  'problem.too_many_attempts.detail': 'Hubo demasiados códigos incorrectos.',
  'problem.delivery_failed.title': 'Mensaje no enviado',
  'problem.delivery_failed.detail':
    'No pudimos enviar el mensaje. Inténtelo otra vez en un momento.',
  'problem.store_unavailable.title': 'No disponible por el momento',
  'problem.store_unavailable.detail':
    'Ahora no podemos comprobarlo. Inténtelo otra vez en un momento.',
  'problem.sending_suspended.title': 'Los mensajes están en pausa',
  'problem.sending_suspended.detail':
    'Ahora no podemos enviar mensajes a este número. Inténtelo más tarde.',
  'problem.misconfigured.title': 'Algo salió mal',
  'problem.misconfigured.detail': 'Es un problema nuestro y no se puede resolver desde aquí.',

  // More than the problem's own words
  'detail.lastGuess': 'Ese no es el código que le enviamos, y este código ya no se puede usar.',
  'detail.codeMissing': 'Ingrese los {digits} dígitos del código que le enviamos.',
  'detail.codeNotDigits': 'Un código tiene solo dígitos: {digits} en total.',
  'detail.codeTooShort': 'Es demasiado corto. Un código tiene {digits} dígitos.',
  'detail.codeTooLong': 'Es demasiado largo. Un código tiene {digits} dígitos.',
  'detail.countryMalformed': 'country son dos letras, como US.',
  'detail.channelUnknown': 'channel es «sms» o «email».',
  'detail.disabled':
    'Los códigos están desactivados para su cuenta. Comuníquese con soporte para volver a entrar.',
  'detail.recoveryMalformed':
    'Un código de recuperación tiene {length} letras y dígitos, en grupos de {group}.',
  'detail.recoveryWrong':
    'Ese no es uno de sus códigos de recuperación sin usar. Revíselo e inténtelo otra vez.',
  'detail.recoveryNotYet':
    'Ese código es de su juego más nuevo, que no se puede usar hasta que nos diga que lo guardó. Use uno de los anteriores.',
  'detail.recoveryTooMany': 'Aquí se probaron demasiados códigos de recuperación incorrectos.',
  'detail.recoveryReplaced': 'Estos códigos de recuperación se reemplazaron por otros más nuevos.',
  'detail.recoveryNone':
    'No hay códigos de recuperación de esta sesión que estén pendientes de guardar.',
  'detail.recoveryElsewhere':
    'Los códigos de recuperación pendientes de guardar se crearon en otra sesión.',
  'detail.browserUnknown': 'Este navegador no es de confianza, o ya no lo es.',
  'detail.formDone': 'Esto ya se hizo.',
  'detail.formSent': 'Esto ya se envió.',
  'detail.formLost': 'Lo que envió no se hizo y ya no lo tenemos. Envíelo otra vez.',
  'detail.formNone': 'No hay nada pendiente.',
  'detail.phoneOnly': 'Ingrese un solo número de teléfono y nada más: sin nombre y sin extensión.',
  'detail.phoneReadAs':
    'Lo leímos como un número de este país: {country}. Revíselo o, si es de otro país, empiece con + y el código del país, por ejemplo +{callingCode}.',
  'detail.phoneKind':
    'No podemos enviar mensajes a números de tarifa especial, gratuitos o personales, entre otros. Use un número de celular.',
  'detail.areaUnknown':
    'No conocemos el código de área de este número. Revíselo. Si es correcto, quizás sea muy nuevo: use otro número o pídanos que lo agreguemos.',
  'detail.countryUnserved': 'No enviamos mensajes a números de este país: {country}.',
  'detail.countryUnnamed': 'No enviamos mensajes a números de este país.',
  'detail.servedOne': 'Solo enviamos mensajes a números de este país: {country}.',
  'detail.servedFew': 'Enviamos mensajes a números de estos países: {countries}.',
  'detail.servedMany':
    'Enviamos mensajes a números de {count, plural, one {# país} other {# países}}.',

  // Pages
  'notice.attemptsLeft':
    '{count, plural, =0 {No quedan intentos.} one {Queda un intento.} other {Quedan # intentos.}}',
  'notice.retryAfter': 'Inténtelo otra vez en {wait}.',
  'frame.back': 'Volver',
  'frame.continue': 'Continuar',
  'frame.notNow': 'Ahora no',
  'frame.signOut': 'Cerrar sesión',
  'code.texted':
    'Ingrese el código de {digits} dígitos que enviamos a {phone}. Sirve durante {minutes, plural, one {# minuto más} other {# minutos más}}.',
  'code.emailed':
    'Ingrese el código de {digits} dígitos que enviamos por correo a {email}. Sirve durante {minutes, plural, one {# minuto más} other {# minutos más}}.',
  'code.label': 'Código',
  'code.confirm': 'Confirmar',
  'code.trust':
    'No pedir un código en este navegador durante {days, plural, one {# día} other {# días}}',
  'code.delivered': 'El mensaje llegó a su teléfono.',
  'code.undelivered':
    'No pudimos entregar el mensaje. Compruebe que su teléfono esté encendido o use otra forma.',
  'code.textMe': 'Enviarme un código',
  'code.emailMe': 'Enviarme un código por correo',
  'code.resend': 'Enviarlo otra vez',
  'code.noText': '¿No le llegó el mensaje?',
  'code.resendIn': 'Puede pedirlo otra vez en {wait}.',
  'code.sameCode':
    'El código es siempre el mismo, así que un mensaje que llegue tarde también sirve.',
  'code.noneLeft': 'Por ahora no podemos enviar más mensajes.',
  'challenge.title': 'Confirme que es usted',
  'challenge.willText': 'Enviaremos un código por mensaje de texto a {phone}.',
  'challenge.mayEmail': '¿No tiene su teléfono? Podemos enviar un código por correo a {email}.',
  'challenge.locked': 'Hubo demasiados códigos incorrectos. Puede intentarlo otra vez en {wait}.',
  'challenge.lockedButRecovery':
    'Hubo demasiados códigos incorrectos. Puede intentarlo otra vez en {wait} o usar ahora un código de recuperación.',
  'challenge.disabled':
    'Los códigos a este teléfono se desactivaron porque hubo demasiados incorrectos. Comuníquese con soporte para volver a entrar.',
  'challenge.disabledButRecovery':
    'Los códigos a este teléfono se desactivaron porque hubo demasiados incorrectos. Use un código de recuperación o comuníquese con soporte.',
  'challenge.kept': 'Guardamos lo que envió. Puede terminarlo después de este paso.',
  'challenge.lost': 'Lo que envió no se hizo. Puede enviarlo otra vez después de este paso.',
  'recovery.summary': 'Usar un código de recuperación',
  'recovery.label': 'Código de recuperación',
  'recovery.use': 'Usar este código',
  'enrollment.title': 'Proteja su cuenta',
  'enrollment.why':
    'Cuando inicie sesión, le pediremos su contraseña y un código que enviaremos a su teléfono. Así, una contraseña robada no bastará.',
  'enrollment.safer':
    'En casos raros, otra persona puede leer sus mensajes, por ejemplo si pasa su número a su propio teléfono. Si puede usar una aplicación de autenticación o una llave de seguridad, es más seguro.',
  'enrollment.otherTitle': 'Agregue un teléfono',
  'enrollment.otherFirst':
    'Su cuenta ya tiene otra forma de confirmar que es usted. Úsela primero y después podrá agregar un teléfono aquí.',
  'enrollment.confirmTitle': 'Confirme su teléfono',
  'enrollment.confirm': 'Confirmar teléfono',
  'enrollment.noText': '¿No le llegó el mensaje o el número es incorrecto?',
  'phone.label': 'Número de celular, con código de área',
  'phone.textCode': 'Enviar un código',
  'phone.countries': 'Enviamos mensajes a números de: {countries}',
  'phone.countryCount':
    'Enviamos mensajes a números de {count, plural, one {# país} other {# países}}',
  'phone.terms': 'Términos',
  'phone.privacy': 'Privacidad',
  'phone.support': 'Ayuda',
  'manage.title': 'Verificación en dos pasos',
  'manage.phone': 'Enviamos sus códigos a {phone}.',
  'manage.yourPhone': 'Su teléfono',
  'manage.change': 'Cambiar su número',
  'manage.textNew': 'Enviar un código al número nuevo',
  'manage.confirmNew': 'Confirme su número nuevo',
  'manage.useNew': 'Usar este número',
  'manage.untilThen': 'Hasta entonces, los códigos van a su número anterior.',
  'manage.recovery': 'Códigos de recuperación',
  'manage.recoveryLeft':
    '{count, plural, =0 {No le quedan códigos de recuperación.} one {Le queda un código de recuperación.} other {Le quedan # códigos de recuperación.}}',
  'manage.recoverySoon': 'Obtenga otros pronto.',
  'manage.recoveryWhy': 'Con ellos puede entrar cuando no le lleguen mensajes.',
  'manage.recoveryNew': 'Obtener códigos de recuperación nuevos',
  'manage.newCodes': 'Sus códigos de recuperación nuevos',
  'manage.savedThem': '¿Guardó sus códigos de recuperación nuevos?',
  'manage.olderCount': 'Hasta que nos lo diga, los que sirven son sus códigos anteriores.',
  'manage.getNew': 'Si no los tiene, obtenga otros más abajo.',
  'manage.browsers': 'Navegadores de confianza',
  'manage.noBrowsers': 'No tiene navegadores de confianza.',
  'manage.thisBrowser': '{name} (este navegador)',
  'manage.browserDates': 'De confianza desde el {since}, último uso el {used}',
  'manage.revoke': 'Dejar de confiar',
  'manage.revokeAll': 'Dejar de confiar en todos los navegadores',
  'manage.off': 'Desactivar la verificación en dos pasos',
  'manage.offMeans': 'Iniciará sesión solo con su contraseña.',
  'manage.turnOff': 'Desactivarla',
  'recoveryCodes.title': 'Sus códigos de recuperación',
  'recoveryCodes.save':
    'Guárdelos en un lugar seguro, lejos de su teléfono. Cada uno le permite entrar una vez cuando no le lleguen mensajes. Puede volver a verlos por un tiempo, hasta que nos diga que los guardó.',
  'recoveryCodes.older':
    'Hasta entonces sirven sus códigos de recuperación anteriores. Después, solo estos.',
  'recoveryCodes.saved': 'Ya los guardé',
  'resume.title': 'Termine lo que empezó',
  'resume.sentTo':
    'Gracias por confirmar. Lo que envió a {path} todavía no se ha hecho. ¿Quiere continuar?',
  'resume.described': 'Gracias por confirmar. Esto todavía no se ha hecho. ¿Quiere continuar?',
  'resume.yes': 'Sí, continuar',
  'resume.no': 'No, cancelar',
  'resume.doneTitle': 'Esto ya se hizo',
  'resume.done': 'Se hizo una vez y no se hará de nuevo.',
  'resume.sentTitle': 'Esto ya se envió',
  'resume.sent':
    'Se envió una vez y no se enviará de nuevo. Compruebe si llegó antes de volver a llenarlo.',
};
