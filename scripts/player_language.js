/* Gives media-chrome its Chinese words and the page's language before its parts are defined: a part names itself when it
   is defined, in the browser's language and with the words that are known by then. */
import 'media-chrome/dist/lang/zh-CN.js';
import { setLanguage } from 'media-chrome/dist/utils/i18n.js';

setLanguage(document.documentElement.lang);
