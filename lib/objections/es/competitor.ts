import type { ObjectionRules } from "../rule-set.ts";

const months =
  "enero|febrero|marzo|abril|mayo|junio|julio|agosto|septiembre|setiembre|octubre|noviembre|diciembre";

export const competitor: ObjectionRules = {
  type: "competitor",
  certain: [
    "(trabajo|trabajamos|trabajando|estoy|estamos|sigo|seguimos|colaboramos|vamos|operamos|contamos|cuento|compramos|compro|tengo|tenemos) ..1 (ya|bien|muy bien)? ..1 con ..1 (otro|otra|otros|otras|un|una|alguien|unos|la competencia|los mismos|el mismo|la misma) ..2 (@vendor|de confianza|de aqui|de siempre|de toda la vida|local|alguien|desde|hace|y nos)",
    "ya ..2 (trabajo|trabajamos|estoy trabajando|estamos trabajando|colaboramos|contamos|cuento) con ..4",
    "ya (tengo|tenemos|contamos con|cuento con|hay|usamos|uso|utilizamos|manejamos|disponemos de|estamos con|estoy con|contrate|contratamos|compramos|me lo lleva|nos lo lleva*) ..1 (un|una|otro|otra|el|la|nuestro|mi|nuestros|a)? ..2 (@vendor|quien|alguien|otro|otra|uno|una que|proveedor)",
    "ya ..2 (tengo|tenemos) ..1 (alguien|quien|uno|una|otro|otra)",
    "(tengo|tenemos) ..2 quien ..1 (me|nos|lo) ..1 (lo|la|hace|lleva|da)",
    "(me|nos) (lo|la|las|los) (hace|hacen|lleva|llevan|gestiona|gestionan|provee|proveen|suministra|da|dan|vende|resuelve) ..2 (otro|otra|una|un|mi|nuestra|nuestro|el|la) ..1 (@vendor|cunado|primo|amigo|asesoria|hermano|sobrino|conocido|companero)",
    "de eso ..1 (ya)? ..1 se (ocupa|ocupan|encarga|encargan) ..1 (una|otra|un|otro|nuestra) ..2 (@vendor|externa|externo)",
    "(ya)? (nos|me) lo ..1 (lleva*|hace*|gestiona*) (una|otra|un|la) @vendor",
    "(tengo|tenemos|hay|firme|firmamos|hemos firmado|firmado|queda|quedan|acabamos de firmar) ..2 (un)? (contrato|acuerdo|convenio|permanencia|compromiso|exclusiva|exclusividad) ..4 (con|hasta|vigente|firmado|de exclusividad|en vigor|" +
      months +
      ")",
    "(contrato|permanencia|acuerdo|convenio) ..2 (con) ..1 (ellos|otro|otra|el|la|los|nuestro|mi|@vendor|la competencia|movistar|vodafone|orange|telmex|claro)",
    "(amarrad*|atad*|casad*|comprometid*|ligad*|enganchad*|vinculad*) ..2 (con|a|por) ..4 (@vendor|competencia|ellos|otro|otra|contrato|permanencia|actual)",
    "(acabo|acabamos|acaban) de ..2 (renovar*|firmar*|contratar*|cambiar*|cerrar|comprar*) ..2 (con|a|el|otro|otra) ..3",
    "(firmamos|renovamos|contratamos|firme|renove|contrate|cerramos) ..2 con (otro|otra|ellos|otros|el de siempre|el mismo|los mismos|la competencia|el|la) ..2",
    "(estoy|estamos|vamos|seguimos|sigo) ..2 (muy|bien|bastante)? ..1 (content*|satisfech*|a gusto|feliz|felices|encantad*|agusto|comod*|conform*) ..1 con ..2 (el|la|los|las|lo|nuestro|nuestra|mi|ellos|quien|quienes|@vendor|esta|ese|los que) ..3",
    "(seguir|sigo|seguimos|seguiremos|quedar*|quedo|quedamos|continuar*|continuamos|quedarnos|quedarme|me quedo|nos quedamos) ..1 con ..1 (el|la|los|las|nuestro|mi) ..1 (que|actual|actuales|de siempre|de ahora|mismo|misma|mismos|@vendor|proveedor) ..3",
    "(llevamos|llevo) ..1 (@num|muchos|varios|bastantes|unos|toda la vida|mas de|como|casi) ..2 (anos|ano|vida|meses|tiempo|la vida) ..1 con ..1 (los|el|la|ellos|un|una|nuestro|mi|otro|otra|@vendor) ..4",
    "(competencia|competidor*|otro proveedor|otra empresa|otra compania|el otro|la otra|otros) ..2 (me|nos) (ofrec*|da|dan|dio|dieron|hace|hacen|sale|cobra*|deja*|pone*|presento|mejor*) ..6",
    "(nos|me) ..1 (decantamos|decidimos|inclinamos|hemos decantado|hemos decidido|decanto|inclino|decidi|vamos a decantar|estamos inclinando|quedamos|vamos|voy) ..1 (por|con|a) ..1 (otra|otro|otros|una|un|la|los|el) ..1 (@vendor|propuesta|oferta|opcion|competencia|otra|otros|que ya)",
    "(vamos|voy|iremos|optamos|optar|elegimos|escogimos|hemos elegido|contratar*) ..2 (con|por|a) ..1 (otro|otra|otros|la competencia) ..2",
    "(viendo|mirando|valorando|evaluando|negociando|hablando|considerando|comparando) ..2 (con)? (otra|otras|otro|otros) (@vendor|propuesta*|oferta*|opcion*|alternativa*) ..4",
    "(otra|otro) (propuesta|oferta|opcion|@vendor|presupuesto) ..6 (es|me|nos|esta) ..1 (mejor|gusta mas|mas completa|mas completo|da mas|convence mas|mas barata|ofrece mas|encaja mejor)",
    "(si me voy|si nos vamos|si cambio|si cambiamos|si lo dejo|si cancelamos|si cancelo|si rompo) ..6 (penaliz*|multa|cobran|indemniz*)",
    "(queda|quedan|faltan|falta|restan|tengo|tenemos) ..4 (ano*|mes|meses|medio|permanencia) ..3 (contrato|permanencia) ..3",
    "(prefiero|preferimos|preferiria) ..1 (a)? (la competencia|el otro|la otra|los otros|otra marca|otro proveedor|el que tenemos|el que tengo|los que tengo|el nuestro|los nuestros|mi proveedor|nuestro proveedor|los de siempre|seguir con)",
    "no (pienso|voy a|vamos a|quiero|queremos|pensamos|me voy a|nos vamos a|tengo intencion de|tenemos intencion de|tengo pensado|nos interesa|me interesa) (cambiar*|moverme|movernos) ..2 (de|a)? ..1 (@vendor|$)",
    "(tengo|tenemos|llevo|llevamos) ..1 todo ..1 (contratado|hecho|montado|integrado|metido|puesto|con) ..1 (con|en) ..3",
    "(cubierto|resuelto|solucionado|contratado|externalizado|subcontratado|tercerizado|delegado) ..1 (con|por|en) ..1 (otro|otra|una|un|la|nuestro|nuestra) ..2",
    "(fieles|fiel) (a|al|con) ..3",
    "(de|con) (los|el) de (toda la vida|siempre)",
    "(de toda la vida|desde siempre|desde hace anos) ..2 (con|lo hacemos con|trabajamos con|compramos a)",
    "(se|eso) lo (compro|compramos|encargo|encargamos|pido|pedimos) (a|al) ..4",
  ],
  likely: [
    "(usamos|uso|utilizamos|utilizo|estamos con|estoy con|tenemos|manejamos|trabajamos con|lo hacemos con|lo llevamos con|tiramos de) ..3 ~1 (y|e) (nos|me|estamos|estoy|la) ..1 (va|vamos|funciona*|content*|satisfech*|encantad*|anda|sirve|resulta|cumple|felices|feliz|verdad)",
    "(estoy|estamos|sigo|seguimos) con (movistar|vodafone|orange|telmex|claro|telcel|entel|telefonica|holded|salesforce|hubspot|sap|sage|odoo|zoho|google|microsoft|oracle|contpaqi|bejerman|tango|siigo|alegra|factusol|a3|aspel|endesa|iberdrola|naturgy|mapfre|axa|allianz)",
    "(lo hacemos|lo llevamos|lo tenemos|trabajamos|eso lo hacemos) ..1 con (salesforce|hubspot|sap|sage|odoo|zoho|google|microsoft|oracle|holded|contpaqi|siigo|alegra|aspel) ..4",
    "(ya)? (usamos|utilizamos|uso|utilizo|tenemos|contratamos|compramos) (otro|otra|uno|una) ..2 (@vendor|parecid*|igual|similar|que|de la competencia)",
    "(nunca|jamas) (nos|me) (han|ha) (fallado|dado problemas)",
    "(nuestro|mi|el) (@vendor|proveedor) ..1 (actual|de ahora|de siempre|habitual|de confianza) ..3 (nos|me|es|hace|ya|va|cumple|funciona)",
    "(acuerdo|contrato) de exclusividad",
    "(mi|un) (cunado|primo|hermano|amigo|sobrino|conocido|vecino) ..6 (empresa de|me lo hace|nos lo hace|se dedica|lo compramos|me lo lleva|nos lo lleva|nos hace|me hace|es informatico)",
    "ya (estoy|estamos) (con|dentro de|metidos con) ..3",
    "ya lo (tengo|tenemos|hacemos|llevamos) con ..3",
    "(ya)? (contamos|cuento) con ..1 (un|una) (sistema|@vendor) ..3",
  ],
  hint: ["con (ellos|ellas) ..2 (muy)? (bien|content*)", "(el|la|los) de siempre"],
  asked: [],
};
