import type { ConceptWords } from "../concepts.ts";

/** What Spanish words are about, without accents; `*` ends the beginning of a word. A word may be in several. */
export const concepts: ConceptWords = {
  money: `
    ahorrito* ahorro* billete* biyuya bolsillo* caja capital cartera centavo* centimo* chavos cuartos
    cuenta* dineral dinerito dinero dolar* duro duros efectivo euro* feria fondos fortuna guita ingreso*
    jornal* lana liquidez luca lucas mambo mango mangos melon melones millon* morlaco* nomina* paga
    parne pasta perras peso pesos pisto plata platal platica quetzal* quincena* quinto salario* sol
    soles sueldo* tela tesoreria varo varos
  `,
  dear: `
    abusiv* abuso alta altas alto altos atraco aumento* barbaridad bestialidad burrada cara caras carer*
    carero* carilla carillo carisim* carita carito caritos caro caros clavada costos* costosisim*
    desorbitad* desproporcionad* disparad* disparatad* dolor* elevad* encarec* encarezc* exagerad*
    excesiv* exorbitante* impagable* inalcanzable* inasumible* incremento* locura ojo oneros* palo
    pasad* pastizal paston pica picante potosi prohibitiv* recargo* rinon robar* robo sablazo salada*
    salado salados sobrecosto* sobreprecio* sube suben subid* subiendo subieron subio usura
  `,
  cheap: `
    accesible* ajustad* asequible* baja bajan bajar* bajo bajos barat* bonificacion* chollo competitiv*
    descuento* economic* ganga* gratis gratuit* justa justo modic* oferta* oferton promo promocion*
    razonable* rebaja* rebajar* regalad* regalo*
  `,
  price: `
    abono* anticipo* anualidad* arancel* cantidad cifra* comision* costaba costar* coste costes costo
    costos cotiz* cuesta cuestan cuota* deposito desembols* enganche entrada envio factur* fianza flete*
    gastamos gastando gastar* gasto* honorarios importe* inscripcion interes intereses inversion*
    invertir* invierto iva letra letras licencia* matricula* mensualidad* monto* pension plazo* porte*
    precio* presupuest* prima* senal suma tarifa* tasa* valdria vale valen valia valor
  `,
  pay: `
    abonar* aflojar* aplaz* banco* cobra* cobrar* cobre cobro credito* cuotas deb* desembolsar* deuda*
    embargo* endeud* fiado fiar* financi* fraccion* hipoteca* letras moros* paga pagaba pagado pagamos
    pagan pagando pagar* pago pague paguen prestamo* soltar* suelto tarjeta*
  `,
  afford: `
    afront* agotad* ahogad* ajust* alcanza alcanzaba alcanzan apret* apretad* arriba arruinad* asignad*
    asum* bloquead* cabe caben cerrad* cierra* comprometid* congelad* consignacion consumid* corto
    cortos coste* crisis cuadra* cubr* cuesta deficit destinad* dispon* disponible* dotacion entra
    entraba entran estir* faltan gastad* justos llega llegamos llegan llego numeros partida pelad*
    perdidas permit* quebrad* recort* recorte* rojo rojos rubro ruina seca seco sobra* tiesa tieso
  `,
  worth: `
    ahorra* amortic* amortiz* beneficio* calcul* compensa* cuentas gana ganancia* ganar* gano margen*
    merece* multiplic* pena provecho recuper* renta rentabilidad rentable* retorno saldria sale salen
    vale
  `,
  later: `
    abril adelante agosto ano anos apertura auditoria auditorias campana* cierre cosecha* cuatrimestre*
    despues diciembre ejercicio enero entra entrante* febrero feriado* fiestas futuro inauguracion
    inventario invierno julio junio luego manana marzo matricula mayo mes meses mudanza navidad*
    noviembre obra obras octubre otono pasado posterior posteriormente primavera proxima proximo
    proximos puente quincena reforma* reyes santa semana* semestre* septiembre setiembre siguiente
    siguientes tarde temporada* traslado trimestre* vacaciones vendimia verano viene vienen vista zafra
    zafras
  `,
  wait: `
    aguanta* aguard* antes anticip* aparc* aplaz* apresur* aun calma congel* corre correr* cuando dejalo
    dejamos dejar* dejemos dejemoslo despacio espera* esperar* espere frenad* frenar* hasta paciencia
    parad* paramos parar* pausa* pausad* pendiente* poco poquito pospon* pospus* posterg* precipit*
    primero prisa prisas pronto recien retom* retras* stand standby temprano todavia tranquil* urgencia
    urgente
  `,
  busy: `
    aeropuerto agarra agarras agarraste agenda agobiad* agobio arriba baja bebe boda camion carretera
    cena clase cliente* coche cocinando coges cogio cogiste cola comer* comida comiendo conduciendo
    consulta corriendo dentista descargando duchand* enferma enfermo entierro entrando entro esperando
    faena fila fuego funeral gente gripe hasta hora horas horno hospital hueco jaleo junta liad* lio
    llamada llorando manejando manos medico mesa minutito minuto* momentito momento mostrador nena nino
    ocupad* parto pilla pillas pillaste prisa ratito rato reunion* salgo saliendo saturad* segundo*
    tiempito tiempo trabajando tren turno velorio volante
  `,
  callback: `
    avisa avisame avisamos avisar* avise aviso busca buscame busque busqueme comunic* contact*
    contestar* contesto escriba escribame escribe escribeme escribir* hablamos hablar* hablemos insist*
    llama llamad* llamais llamame llaman llamar* llamas llame llameme llamen llamenme llamo marca
    marcame marcas marque marqueme retoma* telefonea* timbr* veamos vemos vernos volvais volver* vuelv*
  `,
  think: `
    almohada analiz* compar* comparar* consider* consultarlo despacio digerir* dud* estudiando estudiar*
    estudio evaluando evaluar* evalue evaluo leer* leo madurar* masticar* meditar* medite medito mirar*
    pensad* pensamos pensando pensar* pensemos piensa piense pienso recapacit* reflexion* repens*
    revisar* revise reviso rumiar* sopes* valorando valorar* valore valoremos valoro vuelta vueltas
  `,
  boss: `
    abogad* accionista* administracion administrador* administrativ* albacea alcalde* alla area
    arquitect* arrendador arriba asamblea aseguradora asesor* auditor* ayuntamiento calidad capataz casa
    casero central comite compras comunidad concejal* consejo contable* contador* coordinador*
    copropietari* corporativa corporativo cupula decan* departamento direccion directiv* director* duen*
    ellos encargad* equipo financier* finanzas franquicia franquiciador gerencia gerente* gestor gestora
    gestoria grupo holding informatica informatico* ingenier* inversionista* inversor* jef* junta
    juridic* legal mando marketing matriz medico ministerio patron* pleno presidenta presidente*
    procurement propietari* rector recursos responsable* sede seguridad sindicato sistemas socia* socio*
    superior* supervisor* tecnic* tutor vecinos
  `,
  family: `
    abuel* consuegr* cunad* espos* familia familiar* hermana hermano hermanos hija hijas hijo hijos jefa
    madre mama marido mujer novi* nuer* padre papa papas pareja parienta pariente patrona prima primo
    senora suegr* tia tio viej* yern*
  `,
  consult: `
    acord* charl* checar* checo cheque chequear* coment* consens* consult* contar* convenc* convers*
    cuentas cuento debat* decir* diga discut* elev* habla hablar* hable hablemos hablo informe pasar*
    pase paso plante* platic* pregunt* present* propon* proponer* rendir reuni* revis* rindo subir*
    traslad* tratar* valid* vea veamos veo ver verlo vota* votar*
  `,
  approve: `
    aprob* aprueb* atribuc* autoriz* bueno competencia* concurso* consentimiento corresponde
    corresponden cuenta decid* decision decisiones depend* facultad* firm* homolog* licit* luz manda
    mandan mandar* mando mano manos ok ordena* palabra permis* permit* pliego* poder* potestad propia
    sello sola solo ultima valid* verde visto vistobueno
  `,
  vendor: `
    agencia* alguien amigo aplicacion* app apps aseguradora* asesoria* banco* chaval chica chico
    compania* competencia conocido consultora* contratista* cooperativa corredor* crm cunado despacho*
    distribuidor* empresa* erp estudio fabricante* firma gente gestoria* herramienta* hijo informatico*
    lado marca* mayorista* muchacha muchacho oferta* opcion opciones operador operadora* otra otras otro
    otros parte partner* plataforma* primo programa* propuesta* proveedor* rival* seguro seguros senor
    servicio* sistema* sitio sobrino software* solucion* suministrador* taller* tienda tpv vecino
  `,
  have: `
    abonad* afiliad* asociad* atendid* atiende atienden casad* colabor* compramos compro contamos
    contrat* cubiert* cubre cuento estamos estoy gestiona* hace hacen lleva llevamos llevan llevo
    manejamos manejo operamos seguimos sigo sirve sirven suministr* surte surten surto suscrip* suscrit*
    tenemos tengo tenia teniamos tiene tienen trabajamos trabajando trabajo usamos uso utiliz*
  `,
  tied: `
    acuerdo amarrad* anual anuales atad* blindad* caduc* cancel* casad* clausula* compromet* compromis*
    contrato* convenio* exclusiv* fidel* finiquit* firmad* indemniz* lealtad pegad* penaliz*
    permanencia* plazo renov* rescind* vence vencimiento vigencia vigente vinculad*
  `,
  switch: `
    cambi* cero dejar* deje empezar* migr* mover* mudar* pasar* portab* quitar* reemplaz* romper*
    sustitu* tirar* traslad*
  `,
  content: `
    agusto anda anos apan* bien carino comod* confian* conform* content* cumple defend* encantad* falla
    fallado fallan felices feliz funciona* gusto jamas mal maravilla marcha nunca perfect* problema*
    queja* quejar* quejo resuelve rinde satisfech* toda trabaja tranquil* trato va vida
  `,
  scam: `
    asegura* camelo chafa chant* chica chorizo* creemos creer* crei* creo cuentazo cuento cuentos
    desconf* engan* escam* escept* estaf* fantasma* fi* fiar* fraude* fraudulent* garant* humo incredul*
    ladron* letra magia magic* mentir* mentira* miente mientes milagro* milonga* pequena phishing
    picardia piramid* pirata* promesa* promet* rara raro recel* robado robar* robo seguridad seguro
    sospech* timad* timo timos tocomocho tramp* trucha trucho vend* versero* verso
  `,
  proof: `
    aval avala* caso casos certific* cifras cliente* comentario* conoc* conozco dato datos demostr*
    demuestr* estrella* estudio* evidencia* exito experiencia fama garantia* garantiz* google internet
    nuev* oido opinion* prueba pruebas recien referencia* reputacion resena* resultado* suena sueno
    testimonio* trayectoria
  `,
  bad: `
    abandon* abogad* arrepent* arrepien* atencion averi* basura bronca* cabread* cae caid* cay*
    chapucer* chapuz* colg* colgad* contest* cuelga cutre decepc* defraud* dejaron dejasteis dejo demor*
    denunc* desastre* desastros* devol* devuelv* disgust* enojad* escald* escarment* espantos* fall*
    fatal floja flojo fragil gorro hart* hasta horrible* horror* ignor* incump* infierno juicio* lio
    lios mal mala malas malo malos mierda* molest* nadie narices peor peores perd* pesadilla pesim*
    plant* plantad* pleito* porqueria problema* quem* quemad* reclam* respond* respuesta* retras* romp*
    rot* soporte tard* terrible* tirad*
  `,
  need: `
    apetec* busc* falta falte ganas hace hacen intere* interes* inutil* necesit* plantea* precis*
    provech* quer* quiera quiero requer* requier* servir* sirve sirven usamos usar* uso util utiles
    utilidad
  `,
  enough: `
    alcanza apan* arregl* basta bastan boca cabeza casa completa completo completos cuaderno* cubiert*
    dentro excel hoja* interna interno internos lapiz libreta* llen* mano manualmente memoria mism*
    nosotros oreja papel propi* repleto resolv* resuelt* servid* siempre sobra* solucion* stock
    suficiente* tenemos tengo toda vida ya
  `,
  small: `
    autonom* barrio cerr* chic* chiquit* cierr* cuatro dos edad familiar* gatos jubil* liquid* mayor
    mayores modest* peque pequen* poc* pueblo retir* sola solito solo solos traspas* tres uno vend*
    vieja viejo
  `,
  nointerest: `
    adios borr* ciao colg* cuelgo dejad* deje dejen gracias insist* interes* llame* moleste* nada
    ninguna ninguno paso pierda pierdan pierdas quit*
  `,
  feature: `
    acepta* admite agujero* android api cabe caben cable* celular certificad* cobertura color compatib*
    conect* conexion espacio export* formato funcion* funcionalidad* garaje homolog* idioma* import*
    incluy* incluye* ingles instal* instalacion* integr* internet iphone mac medida* mide* modelo
    modulo* movil normativa obra* offline ofrec* ofrece* opcion permiso* pesado peso potencia puerta
    reglament* senal sincroniz* sitio soporta* soporte talla tamano techo tejado trae traen version
    viene vienen windows
  `,
  effort: `
    acostumbr* adapt* aprend* burocrac* capacit* cero complej* complic* configur* cost* costumbre* curso
    curva datos dificil* empleado* engorro* ensen* esfuerzo formac* gente habitu* implant* implement*
    jaleo lio* mayor* migr* papeleo pasar pereza personal plantilla resisten* rollo trabajera trabajo
    tramite* trastorno* vueltas
  `,
  terms: `
    adelant* amarr* anticip* anual ata atan automatic* aviso baja cancel* clausula* compromis*
    condicion* contrato* devolucion* dias entrega* exclusiv* firma* garantia* letra meses minim* multa*
    obliga obligan obligat* pedido penaliz* permanencia plazo* portes preaviso renovacion semanas
    volumen
  `,
  sendinfo: `
    algo catalogo* correo cosa dej* documentacion documento* dossier email enlace envi* ficha folleto*
    info informacion link mail mand* pagina pas* pdf presentacion propuesta tarjeta* wasap web whatsapp
  `,
  like: `
    alegr* bacan* barbaro bien bonit* buen* chevere chido clarisim* claro comod* content* convenc*
    convencid* enamor* encant* entusiasm* espectacular* estupend* excelente* facil* fantastic* feliz
    fenomenal* genial* gust* ilusion* impresion* increible* interesant* lindo maravill* mejor* orgull*
    padre padrisim* perfect* precioso rapid* recomend* rica rico sencill* sorprend* util*
  `,
  agree: `
    acept* acuerdo adelante anot* apunt* claro confirm* correcto cuenta dale desde efectivamente
    exactamente exacto hecho listo luego ok okey perfecto quedado quedamos quedo sale seguro si supuesto
    trato vale venga
  `,
  buy: `
    activ* alta altas ampli* apunt* arranc* cerr* cerrar* comenz* comienz* compr* contrat* empec* empez*
    empiezo encarg* enviame factur* firm* llevamos llevarm* llevo mandame pedido pedimos pedir* pido
    ponemos pongame ponme quedarm* quedo quiero renov* repet* repito reserv*
  `,
  settled: `
    aclar* ahora alprincipio antes arregl* cambie cambio comprob* convenc* creia creiamos dudaba
    dudabamos dudas entend* entiendo equivoc* explic* miedo opinion parecia pensaba pensabamos preocup*
    principio quedaron quedo resolv* resuelt* solucion* sonaba supe temia vi vimos ya
  `,
  report: `
    comenta comentan comentaron comento contaron contesta contestan conto cree creen cuenta cuentan
    decia decian dice dicen diga digan dijeron dijo diria escuchado escuche lei oi opina opinan piensa
    piensan queja* responde responden segun vi
  `,
  others: `
    algunas algunos alumn* amig* client* comercial* compan* competidor* comprador* conocid* consumidor*
    cunad* el ella ellas ellos empresas gente hay huesped* inquilin* muchas muchos otras otros pacient*
    prim* quien quienes usuario* vecin* vendedor*
  `,
  past: `
    anos anterior anteriores antes aquel aquella aquello cambiamos dejamos dejo entonces era eran estaba
    estaban estuv* fue fueron habia hace hubo pasada pasado solia solian tenia tenian tuv*
  `,
  hypo: `
    acaso caso cuando depende fuera fueran fuese habria hubiera hubiese igual imagin* podria podrian
    pudiera quisiera quiza quizas seria serian si supon* supong* tal tuviera tuviese vez
  `,
  ask: `
    como cual cuales cuando cuanta cuantas cuanto cuantos donde funciona hay incluye* podria podrian
    porque puede pueden puedo que quien quienes sirve teneis tenes tienen trae
  `,
  neg: `
    apenas jamas nada nadie ni ningun ninguna ninguno no nunca sin tampoco
  `,
  but: `
    ahora aunque bien excepto lastima lo malo pero salvo sino
  `,
  because: `
    culpa debido motivo por porque pues razon
  `,
  first: `
    conmigo me mi mis nos nosotras nosotros nuestra nuestras nuestro nuestros yo
  `,
  second: `
    contigo le les os su sus te ti tu usted ustedes vos vosotras vosotros vuestra vuestras vuestro
    vuestros
  `,
};
