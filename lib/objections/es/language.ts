import type { LanguageRules } from "../rule-set.ts";
import { authority } from "./authority.ts";
import { competitor } from "./competitor.ts";
import { guards } from "./guards.ts";
import { need } from "./need.ts";
import { other } from "./other.ts";
import { price } from "./price.ts";
import { timing } from "./timing.ts";
import { trust } from "./trust.ts";
import { spelling, words } from "./words.ts";

export const spanish: LanguageRules = {
  spelling,
  words,
  objections: [price, timing, authority, competitor, trust, need, other],
  guards,
  probes: [
    {
      type: "price",
      answer: "no",
      question: [
        "(hay|tiene|tienen|cuenta* con|tienes|teneis|disponen de) ..2 presupuest*",
        "(precio*|cuota|tarifa|costo) ..3 (razonable|bien|cuadra|encaja|justo|conviene|adecuado|entra)",
        "(bien|razonable|justo) ..1 (el|la|de)? ..1 (precio|cuota|tarifa|costo)",
        "precio razonable",
      ],
    },
    {
      type: "authority",
      answer: "no",
      question: [
        "(es|eres|sos|seria) ..2 (usted|tu|vos)? ..1 (quien|el que|la que|la persona que) ..2 (decide|toma|firma|autoriza|aprueba|lleva)",
        "(decide|decides|decidis|toma|tomas) ..1 (usted|tu|vos)? ..3 (decision*|solo|sola|$)",
        "(puede|puedes) ..1 (usted|tu)? (decidir*|autorizar*|firmar*|aprobar*)",
      ],
    },
    {
      type: "timing",
      answer: "no",
      question: [
        "(buen|mal) momento",
        "(tiene|tienes|tendria) ..2 (tiempo|un minuto|unos minutos|un momento|cinco minutos)",
        "(puede|puedes) (hablar|atenderme)",
        "(empezar|arrancar|empezamos|arrancamos) ..2 (este|esta|ya|ahora) ..3",
      ],
    },
    {
      type: "trust",
      answer: "no",
      question: ["(se fia|te fias|confia*) ..4", "(da|damos|doy) confianza"],
    },
    {
      type: "price",
      answer: "yes",
      question: [
        "(es|seria|sera|tema|cuestion|por) ..3 (precio|dinero|presupuest*|economic*|plata|costo|coste|caro)",
        "(ve|parece|resulta|ves|encuentra|encuentras|hace) ..2 (muy|algo|un poco|demasiado)? ..1 (@dear|alt* precio)",
        "(preocupa*|frena*|echa*) ..3 (precio|costo|coste|inversion)",
        "(fuera|sale) ..1 (de)? ..2 presupuest*",
      ],
    },
    {
      type: "authority",
      answer: "yes",
      question: [
        "(consultar*|hablar*|comentar*|aprobar*|platicar*) ..3 (alguien|nadie|otra persona|su|tu|con|jefe|socio|mas)",
        "(decide|autoriza|firma) ..1 (otra persona|alguien mas|su|tu)",
      ],
    },
    {
      type: "timing",
      answer: "yes",
      question: [
        "(dejar*|dejamos|retom*|esperar|hablar|hablamos|llam*|prefiere*) ..5 (ano que viene|mas adelante|otro momento|proximo|despues|trimestre|mes que viene|septiembre|enero|vacaciones)",
        "(pillo|agarro|cojo) ..1 (en)? ..1 (mal|reunion)",
        "necesita* ..1 (mas tiempo|pensar*)",
      ],
    },
    {
      type: "competitor",
      answer: "yes",
      question: [
        "(prefier*|content*|satisfech*|a gusto|atad*|contrato) ..3 (con|el|su|tu) ..2 (proveedor*|actual|que tiene*|otra|otro|competencia)",
      ],
    },
    {
      type: "trust",
      answer: "yes",
      question: [
        "(desconfi*|no (se|te) fia*|da desconfianza|mala experiencia|tiene* dudas|le preocupa* ..3 (calidad|seguridad|soporte|servicio))",
      ],
    },
    {
      type: "need",
      answer: "no",
      question: [
        "(interes*) ..6",
        "(serviria*|sirve|util*|ayudaria*|encajaria|aportaria) ..4",
        "(necesit*|hace falta|haria falta|usaria*) ..4",
      ],
    },
  ],
  answers: {
    yes: [
      "^ (si|sip|claro|exacto|exactamente|correcto|asi es|eso es|efectivamente|eso mismo|justo|tal cual|un poco|bastante|mucho|ciertamente|afirmativo|la verdad (es que)? si|me temo que si|por desgracia|es correcto|pues si|mejor|por ahi va|ahi le dio|mas o menos)",
    ],
    no: [
      "^ (no|nop|nada|ninguno|ninguna|tampoco|para nada|que va|negativo|no mucho|no demasiado|la verdad (es que)? no|yo no|me temo que no|creo que no|lamentablemente no|nel)",
    ],
  },
  asideQuestions: [
    "que ..1 (le|te|les|os|nos) ..1 (dicen|suelen decir|comentan|contestan|responden|dice) ..3",
    "(objecion*|excusa*|queja*) ..4 (oye*|escucha*|client*|vendedor*|comercial*|frecuente*|habitual*|comun*)",
    "(por que|que paso|como fue|que tal) ..3 (dejo|dejaron|dejasteis|cambi*|cancel*|anterior|con el otro|el anterior)",
    "(que|como) ..3 (gusta*|molesta*|falla*|mejorar*|va|problema*|echa* en falta|incomod*) ..4 (actual*|de ahora|que tiene*|que usa*|proveedor|sistema|ahora)",
  ],
  interrogatives: [
    "que (precio*|tarifa*|cuota*|garantia*|incluye*|opciones|planes|diferencia*|pasa si|pasaria|horario*|significa|descuento*|ventaja*|costo|coste|requisito*)",
    "(cual|cuales) (es|son|seria|serian)",
    "cuant* (cuesta*|costaria*|vale|sale*|saldria*|seria*|es|son|tiempo|tarda*|me|nos|te|se|hay|meses|usuarios|anos)",
    "como (funciona|seria|quedaria|va|hago|hacemos|se hace|puedo|sabe*|me|se llama|se integra|se paga|lo)",
    "(y)? por que (es|no|son|tan|tengo|tendria|deberia|me|nos|voy|pag*|habria)",
    "cuando (podemos|podriamos|empezamos|puedo|empieza*|llega*|seria|estaria|me lo|lo instal*|tendria*|vendr*)",
    "donde (esta|estan|se|puedo|queda|firmo|guard*)",
    "quien (me|nos|lo|se|da|hace|paga|instala|es el)",
    "(para|de) que (sirve|me|nos|quiero|es)",
    "(hay|tiene|tienen|teneis|incluye|lleva|trae|ofrecen|puedo|puede|podria|podemos|podrian|se puede|me puede|me puedes|necesito|tendria que|es|son|esta|hacen|sube|trabajan|viene|vienen|existe) ..8 (o no|verdad|o como|no cierto)",
  ],
  accentedInterrogatives: new Set([
    "cual",
    "cuales",
    "cuanto",
    "cuanta",
    "cuantos",
    "cuantas",
    "como",
    "cuando",
    "donde",
    "quien",
    "quienes",
  ]),
  tags: [
    "(no|verdad|eh|cierto|no cree*|no le parece|no te parece|sabe*|entiende*|entiendes|me explico|me entiende*|vale|ok|no es cierto|si|viste|sale|no es asi|que quiere* que le diga)",
  ],
  contrast: [
    "(pero|aunque|sino|mas bien|sin embargo|ahora bien|no obstante|en cambio|lo que pasa es que|lo que pasa que|solo que)",
  ],
  because: [
    "(porque|es que|ya que|dado que|puesto que|debido a|lo que pasa|resulta que|la cosa es que|el problema es|el tema es|la pega es|el motivo es|la razon es|sobre todo|principalmente|mas que nada|por culpa de|a causa de|el detalle es|como ya|como no|lo principal|mas bien)",
  ],
  therefore: [
    "(asi que|por lo que|con lo que|por eso|por tanto|por lo tanto|o sea que|de modo que|por ende)",
  ],
  connectives: new Set([
    "y",
    "e",
    "o",
    "pero",
    "que",
    "porque",
    "aunque",
    "si",
    "pues",
    "bueno",
    "entonces",
    "vale",
    "ok",
    "ya",
    "ah",
    "claro",
    "mire",
    "mira",
    "hola",
    "gracias",
    "perdon",
    "perdone",
    "disculpe",
    "oiga",
    "oye",
    "sino",
    "sea",
    "eso",
  ]),
};
