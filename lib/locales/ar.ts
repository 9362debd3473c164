import type { Messages } from './catalog';

// Behind "of", "within" and "for", which all take the genitive.
const DIGITS =
  '{digits, plural, zero {# رقم} one {رقم واحد} two {رقمين} few {# أرقام} many {# رقمًا} other {# رقم}}';
const MINUTES =
  '{minutes, plural, zero {# دقيقة} one {دقيقة واحدة} two {دقيقتين} few {# دقائق} many {# دقيقة} other {# دقيقة}}';
const DAYS =
  '{days, plural, zero {# يوم} one {يوم واحد} two {يومين} few {# أيام} many {# يومًا} other {# يوم}}';
const COUNTRIES =
  '{count, plural, zero {# دولة} one {دولة واحدة} two {دولتين} few {# دول} many {# دولة} other {# دولة}}';

/**
 * Modern Standard Arabic, in forms that fit women and men alike but for the texts, which are short: a text
 * has room for 70 characters of it. What reads from left to right inside a sentence stands between U+2066
 * and U+2069, so that its parts keep their order in text, too. A wait is in the nominative.
 */
export const ar: Messages = {
  // Texts and mails
  'text.code.sign-in': 'رمز دخول {appName}: {code}. صالح {minutes} د. لا تشاركه.',
  'text.code.step-up': 'رمز أمان {appName}: {code}. صالح {minutes} د. لا تشاركه.',
  'text.code.enroll': 'رمز إضافة هاتفك، {appName}: {code}. صالح {minutes} د. سري.',
  'text.code.replace': 'رمز تغيير هاتفك، {appName}: {code}. صالح {minutes} د. سري.',
  'text.short': 'رمز {appName}: {code}. لا تشاركه.',
  'text.report': 'لست أنت؟ أرسل {word}',
  'help.about': '{appName}: رموز الدخول وتأكيد التغييرات.',
  'help.where': 'المساعدة: {help}',
  'help.rates': 'قد تُفرض رسوم.',
  'help.stop': 'للإيقاف أرسل STOP.',
  'mail.subject.sign-in': 'رمز تسجيل الدخول إلى {appName}',
  'mail.subject.step-up': 'رمز الأمان من {appName}',
  'mail.subject.enroll': 'رمز إضافة هاتفك إلى {appName}',
  'mail.subject.replace': 'رمز تغيير هاتفك في {appName}',
  'mail.text.sign-in': `رمز تسجيل الدخول إلى {appName} هو {code}. تنتهي صلاحيته خلال ${MINUTES}. يُرجى عدم مشاركته مع أحد. لن يطلبه منك فريق {appName} أبدًا.`,
  'mail.text.step-up': `رمز الأمان من {appName} هو {code}. تنتهي صلاحيته خلال ${MINUTES}. يُرجى عدم مشاركته مع أحد. لن يطلبه منك فريق {appName} أبدًا.`,
  'mail.text.enroll': `رمز إضافة هاتفك إلى {appName} هو {code}. تنتهي صلاحيته خلال ${MINUTES}. يُرجى عدم مشاركته مع أحد. لن يطلبه منك فريق {appName} أبدًا.`,
  'mail.text.replace': `رمز تغيير هاتفك في {appName} هو {code}. تنتهي صلاحيته خلال ${MINUTES}. يُرجى عدم مشاركته مع أحد. لن يطلبه منك فريق {appName} أبدًا.`,
  'consent.text':
    'تُعد إضافة هذا الرقم موافقةً على تلقي رسائل نصية من {appName} تتضمن رموزًا، رسالة واحدة عند كل تسجيل دخول أو تأكيد تغيير. قد تُفرض رسوم على الرسائل والبيانات. لإيقافها، يكفي الرد بكلمة STOP.',
  'consent.textWithHelp':
    'تُعد إضافة هذا الرقم موافقةً على تلقي رسائل نصية من {appName} تتضمن رموزًا، رسالة واحدة عند كل تسجيل دخول أو تأكيد تغيير. قد تُفرض رسوم على الرسائل والبيانات. لإيقافها، يكفي الرد بكلمة STOP، وللمساعدة بكلمة HELP.',

  // Problems
  'problem.code_malformed.title': 'يُرجى التحقق من الرمز',
  'problem.code_malformed.detail': 'يُرجى إدخال أرقام الرمز الذي أرسلناه إليك.',
  'problem.request_malformed.title': 'تعذّر فهم الطلب',
  'problem.request_malformed.detail':
    'يُرجى إرسال \u2066JSON\u2069 أو نموذج بالحقول التي يقبلها هذا العنوان.',
  'problem.not_authenticated.title': 'لم يتم تسجيل الدخول',
  'problem.not_authenticated.detail': 'يُرجى تسجيل الدخول أولًا.',
  'problem.second_factor_required.title': 'تأكيد هويتك مطلوب',
  'problem.second_factor_required.detail': 'يُرجى إدخال رمز أولًا، ثم المتابعة.',
  'problem.fresh_login_required.title': 'يُرجى تسجيل الدخول من جديد',
  'problem.fresh_login_required.detail':
    'لتغيير إعدادات الأمان، يُرجى تسجيل الخروج ثم تسجيل الدخول من جديد.',
  'problem.code_incorrect.title': 'رمز غير صحيح',
  'problem.code_incorrect.detail':
    'هذا ليس الرمز الذي أرسلناه إليك. يُرجى التحقق منه وإعادة المحاولة.',
  'problem.challenge_expired.title': 'انتهت صلاحية الرمز',
  'problem.challenge_expired.detail': 'لم يعد من الممكن استخدام هذا الرمز. يُرجى طلب رمز جديد.',
  'problem.enrollment_required.title': 'يُرجى إضافة هاتف',
  'problem.enrollment_required.detail': 'يُرجى إضافة رقم هاتف أولًا.',
  'problem.fresh_second_factor_required.title': 'يُرجى التأكيد من جديد',
  'problem.fresh_second_factor_required.detail':
    'لتغيير إعدادات الأمان، يُرجى تأكيد هويتك مرة أخرى.',
  'problem.cross_site_request.title': 'طلب من موقع آخر',
  'problem.cross_site_request.detail':
    'لم يأتِ هذا الطلب من إحدى صفحات هذا الموقع. يُرجى الرجوع وإعادة المحاولة من هنا.',
  'problem.already_enrolled.title': 'سبقت إضافة هاتف',
  'problem.already_enrolled.detail': 'يوجد هاتف في حسابك بالفعل.',
  'problem.send_refused.title': 'لم تُرسل الرسالة',
  'problem.send_refused.detail': 'لا يمكننا إرسال رسالة نصية لهذا الطلب.',
  'problem.not_found.title': 'غير موجود',
  'problem.not_found.detail': 'لا يوجد شيء هنا.',
  'problem.method_not_allowed.title': 'الطريقة غير مسموح بها',
  'problem.method_not_allowed.detail': 'لا يقبل هذا العنوان هذه الطريقة.',
  'problem.channel_not_available.title': 'غير متاح',
  'problem.channel_not_available.detail':
    'لا يمكننا إرسال رمز إليك بهذه الطريقة. يُرجى استخدام هاتفك.',
  'problem.phone_opted_out.title': 'الرسائل النصية موقوفة',
  'problem.phone_opted_out.detail':
    'سبق أن رد هذا الهاتف على رسائلنا بكلمة STOP. يُرجى إرسال UNSTOP إلى الرقم الذي وردت منه، ثم إعادة المحاولة.',
  'problem.request_too_large.title': 'الطلب أكبر من اللازم',
  'problem.request_too_large.detail': 'الحد الأقصى للإرسال \u206610 kB\u2069.',
  'problem.phone_invalid.title': 'يُرجى التحقق من رقم الهاتف',
  'problem.phone_invalid.detail': 'يُرجى إدخال رقم هاتف محمول مع رمز المنطقة.',
  'problem.destination_not_allowed.title': 'لا يمكننا إرسال رسائل إلى هذا الرقم',
  'problem.destination_not_allowed.detail':
    'لا نرسل رسائل نصية إلى أرقام من هذا النوع أو من هذه الدولة.',
  'problem.resend_too_soon.title': 'يُرجى الانتظار قليلًا',
  'problem.resend_too_soon.detail': 'لا يمكننا إرسال رمز آخر بعد.',
  'problem.send_limit_reached.title': 'أُرسلت رموز كثيرة',
  'problem.send_limit_reached.detail': 'لا يمكننا إرسال المزيد حاليًا.',
  'problem.too_many_attempts.title': 'محاولات كثيرة',
  'problem.too_many_attempts.detail': 'أُدخلت رموز غير صحيحة كثيرة.',
  'problem.delivery_failed.title': 'لم تُرسل الرسالة',
  'problem.delivery_failed.detail': 'تعذّر إرسال الرسالة النصية. يُرجى إعادة المحاولة بعد قليل.',
  'problem.store_unavailable.title': 'غير متاح مؤقتًا',
  'problem.store_unavailable.detail':
    'لا يمكننا التحقق من ذلك حاليًا. يُرجى إعادة المحاولة بعد قليل.',
  'problem.sending_suspended.title': 'الرسائل النصية متوقفة مؤقتًا',
  'problem.sending_suspended.detail':
    'لا يمكننا إرسال رسائل إلى هذا الرقم حاليًا. يُرجى إعادة المحاولة لاحقًا.',
  'problem.misconfigured.title': 'حدث خطأ ما',
  'problem.misconfigured.detail': 'الخطأ من جانبنا، ولا يمكن إصلاحه من هنا.',

  // More than the problem's own words
  'detail.lastGuess': 'هذا ليس الرمز الذي أرسلناه إليك، ولم يعد من الممكن استخدام ذلك الرمز.',
  'detail.codeMissing': `يُرجى إدخال الرمز الذي أرسلناه إليك، وهو من ${DIGITS}.`,
  'detail.codeNotDigits': `يتكون الرمز من أرقام فقط، أي من ${DIGITS}.`,
  'detail.codeTooShort': `أقصر من اللازم. يتكون الرمز من ${DIGITS}.`,
  'detail.codeTooLong': `أطول من اللازم. يتكون الرمز من ${DIGITS}.`,
  'detail.countryMalformed': 'الحقل \u2066country\u2069 حرفان، مثل \u2066US\u2069.',
  'detail.channelUnknown': 'الحقل \u2066channel\u2069 هو «\u2066sms\u2069» أو «\u2066email\u2069».',
  'detail.disabled': 'الرموز معطّلة لحسابك. يُرجى التواصل مع الدعم لاستعادة الدخول.',
  'detail.recoveryMalformed':
    'يتكون رمز الاسترداد من حروف وأرقام، عددها {length}، في مجموعات من {group}.',
  'detail.recoveryWrong':
    'هذا ليس من رموز الاسترداد غير المستخدمة لديك. يُرجى التحقق منه وإعادة المحاولة.',
  'detail.recoveryNotYet':
    'هذا الرمز من أحدث مجموعة لديك، ولا تصبح صالحة إلا بعد تأكيد حفظها. يُرجى استخدام أحد الرموز السابقة.',
  'detail.recoveryTooMany': 'جرت هنا تجربة رموز استرداد غير صحيحة كثيرة.',
  'detail.recoveryReplaced': 'حلّت محل رموز الاسترداد هذه رموز أحدث.',
  'detail.recoveryNone': 'لا توجد رموز استرداد من هذه الجلسة بانتظار الحفظ.',
  'detail.recoveryElsewhere': 'أُنشئت رموز الاسترداد التي تنتظر الحفظ في جلسة أخرى.',
  'detail.browserUnknown': 'هذا المتصفح غير موثوق، أو لم يعد موثوقًا.',
  'detail.formDone': 'تم هذا بالفعل.',
  'detail.formSent': 'أُرسل هذا بالفعل.',
  'detail.formLost': 'لم يُنفّذ ما أرسلته، ولم يعد لدينا. يُرجى إرساله مرة أخرى.',
  'detail.formNone': 'لا يوجد شيء لإتمامه.',
  'detail.phoneOnly': 'يُرجى إدخال رقم هاتف واحد دون أي شيء آخر: لا اسم ولا رقم داخلي.',
  'detail.phoneReadAs':
    'قرأناه كرقم من هذه الدولة: {country}. يُرجى التحقق منه، أو بدء الرقم من دولة أخرى بعلامة + ورمز الدولة، مثل \u2066+{callingCode}\u2069.',
  'detail.phoneKind':
    'لا يمكننا إرسال رسائل إلى الأرقام ذات الرسوم الخاصة أو المجانية أو الشخصية وما شابهها. يُرجى استخدام رقم هاتف محمول.',
  'detail.areaUnknown':
    'لا نعرف رمز المنطقة لهذا الرقم. يُرجى التحقق منه. إذا كان صحيحًا، فقد يكون حديثًا جدًا: يمكنك استخدام رقم آخر، أو مراسلتنا لإضافته.',
  'detail.countryUnserved': 'لا نرسل رسائل نصية إلى أرقام هذه الدولة: {country}.',
  'detail.countryUnnamed': 'لا نرسل رسائل نصية إلى أرقام هذه الدولة.',
  'detail.servedOne': 'نرسل الرسائل النصية إلى أرقام هذه الدولة فقط: {country}.',
  'detail.servedFew': 'نرسل الرسائل النصية إلى أرقام هذه الدول: {countries}.',
  'detail.servedMany': `نرسل الرسائل النصية إلى أرقام في ${COUNTRIES}.`,

  // Pages
  'notice.attemptsLeft':
    '{count, plural, zero {لم تتبقَّ أي محاولة.} one {تبقّت محاولة واحدة.} two {تبقّت محاولتان.} few {تبقّت # محاولات.} many {تبقّت # محاولة.} other {تبقّت # محاولة.}}',
  'notice.retryAfter': 'يمكنك إعادة المحاولة لاحقًا. مدة الانتظار: {wait}.',
  'frame.back': 'رجوع',
  'frame.continue': 'متابعة',
  'frame.notNow': 'ليس الآن',
  'frame.signOut': 'تسجيل الخروج',
  'code.texted': `يُرجى إدخال الرمز المكوّن من ${DIGITS} الذي أرسلناه في رسالة نصية إلى \u2066{phone}\u2069. يبقى صالحًا لمدة ${MINUTES}.`,
  'code.emailed': `يُرجى إدخال الرمز المكوّن من ${DIGITS} الذي أرسلناه بالبريد الإلكتروني إلى \u2066{email}\u2069. يبقى صالحًا لمدة ${MINUTES}.`,
  'code.label': 'الرمز',
  'code.confirm': 'تأكيد',
  'code.trust': `عدم طلب رمز في هذا المتصفح لمدة ${DAYS}`,
  'code.delivered': 'وصلت الرسالة النصية إلى هاتفك.',
  'code.undelivered':
    'تعذّر توصيل الرسالة النصية. يُرجى التحقق من أن هاتفك قيد التشغيل، أو استخدام طريقة أخرى.',
  'code.textMe': 'إرسال رمز في رسالة نصية',
  'code.emailMe': 'إرسال رمز بالبريد الإلكتروني',
  'code.resend': 'إعادة إرسال الرسالة',
  'code.noText': 'لم تصلك رسالة نصية؟',
  'code.resendIn': 'يمكنك طلبها مرة أخرى لاحقًا. مدة الانتظار: {wait}.',
  'code.sameCode': 'الرمز هو نفسه في كل مرة، لذا تبقى الرسالة المتأخرة صالحة.',
  'code.noneLeft': 'لا يمكننا إرسال المزيد من الرسائل حاليًا.',
  'challenge.title': 'تأكيد هويتك',
  'challenge.willText': 'سنرسل رمزًا في رسالة نصية إلى \u2066{phone}\u2069.',
  'challenge.mayEmail':
    'هاتفك ليس معك؟ يمكننا إرسال رمز بالبريد الإلكتروني إلى \u2066{email}\u2069.',
  'challenge.locked':
    'أُدخلت رموز غير صحيحة كثيرة. يمكنك إعادة المحاولة لاحقًا. مدة الانتظار: {wait}.',
  'challenge.lockedButRecovery':
    'أُدخلت رموز غير صحيحة كثيرة. يمكنك إعادة المحاولة لاحقًا، أو استخدام رمز استرداد الآن. مدة الانتظار: {wait}.',
  'challenge.disabled':
    'أُوقف إرسال الرموز إلى هذا الهاتف بعد إدخال رموز غير صحيحة كثيرة. يُرجى التواصل مع الدعم لاستعادة الدخول.',
  'challenge.disabledButRecovery':
    'أُوقف إرسال الرموز إلى هذا الهاتف بعد إدخال رموز غير صحيحة كثيرة. يُرجى استخدام رمز استرداد، أو التواصل مع الدعم.',
  'challenge.kept': 'حفظنا ما أرسلته. يمكنك إتمامه بعد هذه الخطوة.',
  'challenge.lost': 'لم يُنفّذ ما أرسلته. يمكنك إرساله مرة أخرى بعد هذه الخطوة.',
  'recovery.summary': 'استخدام رمز استرداد بدلًا من ذلك',
  'recovery.label': 'رمز الاسترداد',
  'recovery.use': 'استخدام هذا الرمز',
  'enrollment.title': 'حماية حسابك',
  'enrollment.why':
    'عند تسجيل الدخول، سنطلب كلمة المرور ورمزًا نرسله في رسالة نصية إلى هاتفك. وبذلك لا تكفي كلمة مرور مسروقة وحدها.',
  'enrollment.safer':
    'في حالات نادرة، قد يتمكن شخص آخر من قراءة رسائلك، مثلًا بعد نقل رقمك إلى هاتفه. إذا كان بإمكانك استخدام تطبيق مصادقة أو مفتاح أمان بدلًا من ذلك، فهو أكثر أمانًا.',
  'enrollment.otherTitle': 'إضافة هاتف',
  'enrollment.otherFirst':
    'لدى حسابك طريقة أخرى لتأكيد هويتك. يُرجى استخدامها أولًا، ثم يمكنك إضافة هاتف هنا.',
  'enrollment.confirmTitle': 'تأكيد هاتفك',
  'enrollment.confirm': 'تأكيد الهاتف',
  'enrollment.noText': 'لم تصلك رسالة، أم أن الرقم غير صحيح؟',
  'phone.label': 'رقم الهاتف المحمول، مع رمز المنطقة',
  'phone.textCode': 'إرسال رمز',
  'phone.countries': 'نرسل الرسائل النصية إلى أرقام هذه الدول: {countries}',
  'phone.countryCount': `نرسل الرسائل النصية إلى أرقام في ${COUNTRIES}`,
  'phone.terms': 'الشروط',
  'phone.privacy': 'الخصوصية',
  'phone.support': 'المساعدة',
  'manage.title': 'التحقق بخطوتين',
  'manage.phone': 'نرسل رموزك إلى \u2066{phone}\u2069.',
  'manage.yourPhone': 'هاتفك',
  'manage.change': 'تغيير رقمك',
  'manage.textNew': 'إرسال رمز إلى الرقم الجديد',
  'manage.confirmNew': 'تأكيد رقمك الجديد',
  'manage.useNew': 'استخدام هذا الرقم',
  'manage.untilThen': 'حتى ذلك الحين، تُرسل الرموز إلى رقمك السابق.',
  'manage.recovery': 'رموز الاسترداد',
  'manage.recoveryLeft':
    '{count, plural, zero {لم يتبقَّ لديك أي رمز استرداد.} one {تبقّى لديك رمز استرداد واحد.} two {تبقّى لديك رمزا استرداد.} few {تبقّى لديك # رموز استرداد.} many {تبقّى لديك # رمز استرداد.} other {تبقّى لديك # رمز استرداد.}}',
  'manage.recoverySoon': 'يُرجى الحصول على رموز جديدة قريبًا.',
  'manage.recoveryWhy': 'تتيح لك الدخول عندما لا يمكنك تلقي رسالة نصية.',
  'manage.recoveryNew': 'الحصول على رموز استرداد جديدة',
  'manage.newCodes': 'رموز الاسترداد الجديدة',
  'manage.savedThem': 'هل حفظت رموز الاسترداد الجديدة؟',
  'manage.olderCount': 'إلى حين تأكيد ذلك، تبقى رموزك السابقة هي الصالحة.',
  'manage.getNew': 'إذا لم تكن لديك، يمكنك الحصول على رموز جديدة أدناه.',
  'manage.browsers': 'المتصفحات الموثوقة',
  'manage.noBrowsers': 'ليست لديك متصفحات موثوقة.',
  'manage.thisBrowser': '\u2066{name}\u2069 (هذا المتصفح)',
  'manage.browserDates': 'موثوق منذ {since}، آخر استخدام {used}',
  'manage.revoke': 'إلغاء الوثوق',
  'manage.revokeAll': 'إلغاء الوثوق بجميع المتصفحات',
  'manage.off': 'إيقاف التحقق بخطوتين',
  'manage.offMeans': 'سيكون تسجيل الدخول بكلمة المرور وحدها.',
  'manage.turnOff': 'إيقاف',
  'recoveryCodes.title': 'رموز الاسترداد',
  'recoveryCodes.save':
    'يُرجى حفظها في مكان آمن بعيدًا عن هاتفك. يتيح لك كل رمز الدخول مرة واحدة عندما لا يمكنك تلقي رسالة نصية. يمكنك العودة إليها لفترة من الوقت، إلى حين تأكيد حفظها.',
  'recoveryCodes.older': 'حتى ذلك الحين، تبقى رموز الاسترداد السابقة صالحة. وبعد ذلك، هذه وحدها.',
  'recoveryCodes.saved': 'تم حفظها',
  'resume.title': 'إتمام ما بدأته',
  'resume.sentTo': 'شكرًا على التأكيد. لم يُنفّذ بعد ما أرسلته إلى \u2066{path}\u2069. هل نتابع؟',
  'resume.described': 'شكرًا على التأكيد. لم يُنفّذ هذا بعد. هل نتابع؟',
  'resume.yes': 'نعم، متابعة',
  'resume.no': 'لا، إلغاء',
  'resume.doneTitle': 'تم هذا',
  'resume.done': 'تم مرة واحدة ولن يتكرر.',
  'resume.sentTitle': 'أُرسل هذا',
  'resume.sent': 'أُرسل مرة واحدة ولن يُرسل مرة أخرى. يُرجى التحقق من وصوله قبل ملئه من جديد.',
};
