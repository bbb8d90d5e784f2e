<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="de_DE">
<context>
    <name>Assembly</name>
    <message>
        <source>Open recording</source>
        <translation>Aufnahme öffnen</translation>
    </message>
    <message>
        <source>Open folder</source>
        <translation>Ordner öffnen</translation>
    </message>
    <message>
        <source>scanmon {0}: real-time monitor of ultrasound image quality.</source>
        <translation>scanmon {0}: Echtzeit-Überwachung der Qualität von Ultraschallbildern.</translation>
    </message>
</context>
<context>
    <name>BesideController</name>
    <message>
        <source>There is no second screen.</source>
        <translation>Es gibt keinen zweiten Bildschirm.</translation>
    </message>
</context>
<context>
    <name>BesideDialog</name>
    <message>
        <source>Beside the scanner</source>
        <translation>Neben dem Gerät</translation>
    </message>
    <message>
        <source>Screens</source>
        <translation>Bildschirme</translation>
    </message>
    <message>
        <source>that of the window</source>
        <translation>der des Fensters</translation>
    </message>
    <message>
        <source>the first other one</source>
        <translation>der erste andere</translation>
    </message>
    <message>
        <source>picture with heatmap</source>
        <translation>Bild mit Wärmekarte</translation>
    </message>
    <message>
        <source>compact panel</source>
        <translation>kleines Feld</translation>
    </message>
    <message>
        <source>Compact panel on</source>
        <translation>Kleines Feld auf</translation>
    </message>
    <message>
        <source>Second screen</source>
        <translation>Zweiter Bildschirm</translation>
    </message>
    <message>
        <source>It shows</source>
        <translation>Er zeigt</translation>
    </message>
    <message>
        <source>Foot switch</source>
        <translation>Fußschalter</translation>
    </message>
    <message>
        <source>Learn</source>
        <translation>Anlernen</translation>
    </message>
    <message>
        <source>Forget</source>
        <translation>Vergessen</translation>
    </message>
    <message>
        <source>press the pedal…</source>
        <translation>Pedal treten…</translation>
    </message>
    <message>
        <source>Press the pedal now; Escape leaves it as it was.</source>
        <translation>Jetzt das Pedal treten; Esc lässt es, wie es war.</translation>
    </message>
    <message>
        <source>A foot switch is a keyboard. Learn, then press the pedal: its key is kept.</source>
        <translation>Ein Fußschalter ist eine Tastatur. Anlernen, dann das Pedal treten: seine Taste wird behalten.</translation>
    </message>
</context>
<context>
    <name>BookmarkField</name>
    <message>
        <source>what is seen here; Return keeps it, Escape leaves it out</source>
        <translation>was hier zu sehen ist; Eingabe behält es, Esc lässt es weg</translation>
    </message>
    <message>
        <source>Text of the bookmark</source>
        <translation>Text des Lesezeichens</translation>
    </message>
    <message>
        <source>Bookmark {0}</source>
        <translation>Lesezeichen {0}</translation>
    </message>
</context>
<context>
    <name>Checklist</name>
    <message>
        <source>Views of the examination</source>
        <translation>Ansichten der Untersuchung</translation>
    </message>
    <message>
        <source>Chosen view</source>
        <translation>Gewählte Ansicht</translation>
    </message>
    <message>
        <source>Picture that is kept of the chosen view</source>
        <translation>Bild, das von der gewählten Ansicht behalten wird</translation>
    </message>
    <message>
        <source>Skip</source>
        <translation>Auslassen</translation>
    </message>
    <message>
        <source>Leave this view out (X)</source>
        <translation>Diese Ansicht auslassen (X)</translation>
    </message>
    <message>
        <source>Retake</source>
        <translation>Neu</translation>
    </message>
    <message>
        <source>Give up the picture of this view and begin anew (T)</source>
        <translation>Das Bild dieser Ansicht verwerfen und neu beginnen (T)</translation>
    </message>
    <message>
        <source>End…</source>
        <translation>Ende…</translation>
    </message>
    <message>
        <source>End the examination and make its page (E)</source>
        <translation>Die Untersuchung beenden und ihre Seite erstellen (E)</translation>
    </message>
    <message>
        <source>saved: {0}</source>
        <translation>gespeichert: {0}</translation>
    </message>
    <message>
        <source>skipped (T takes it)</source>
        <translation>ausgelassen (T nimmt sie auf)</translation>
    </message>
    <message>
        <source>not calibrated</source>
        <translation>nicht kalibriert</translation>
    </message>
    <message>
        <source>hold still: {0} s</source>
        <translation>stillhalten: {0} s</translation>
    </message>
    <message>
        <source>needs {0}</source>
        <translation>braucht {0}</translation>
    </message>
</context>
<context>
    <name>Commands</name>
    <message>
        <source>Open recording…</source>
        <translation>Aufnahme öffnen…</translation>
    </message>
    <message>
        <source>Open folder…</source>
        <translation>Ordner öffnen…</translation>
    </message>
    <message>
        <source>Source and set-up…</source>
        <translation>Quelle und Einrichtung…</translation>
    </message>
    <message>
        <source>Compare with…</source>
        <translation>Vergleichen mit…</translation>
    </message>
    <message>
        <source>Score again</source>
        <translation>Neu bewerten</translation>
    </message>
    <message>
        <source>Export session…</source>
        <translation>Sitzung exportieren…</translation>
    </message>
    <message>
        <source>Engines…</source>
        <translation>Rechenkerne…</translation>
    </message>
    <message>
        <source>Close source</source>
        <translation>Quelle schließen</translation>
    </message>
    <message>
        <source>Quit</source>
        <translation>Beenden</translation>
    </message>
    <message>
        <source>Freeze / play</source>
        <translation>Anhalten / abspielen</translation>
    </message>
    <message>
        <source>One frame back</source>
        <translation>Ein Bild zurück</translation>
    </message>
    <message>
        <source>One frame on</source>
        <translation>Ein Bild weiter</translation>
    </message>
    <message>
        <source>Ten frames back</source>
        <translation>Zehn Bilder zurück</translation>
    </message>
    <message>
        <source>Ten frames on</source>
        <translation>Zehn Bilder weiter</translation>
    </message>
    <message>
        <source>First frame</source>
        <translation>Erstes Bild</translation>
    </message>
    <message>
        <source>Last frame</source>
        <translation>Letztes Bild</translation>
    </message>
    <message>
        <source>Next inadequate stretch</source>
        <translation>Nächster unzureichender Abschnitt</translation>
    </message>
    <message>
        <source>Previous inadequate stretch</source>
        <translation>Voriger unzureichender Abschnitt</translation>
    </message>
    <message>
        <source>Slower</source>
        <translation>Langsamer</translation>
    </message>
    <message>
        <source>Faster</source>
        <translation>Schneller</translation>
    </message>
    <message>
        <source>Loop: start, end, off</source>
        <translation>Schleife: Anfang, Ende, aus</translation>
    </message>
    <message>
        <source>Time line closer</source>
        <translation>Zeitleiste näher</translation>
    </message>
    <message>
        <source>Time line wider</source>
        <translation>Zeitleiste weiter</translation>
    </message>
    <message>
        <source>Record</source>
        <translation>Aufzeichnen</translation>
    </message>
    <message>
        <source>Save this picture</source>
        <translation>Dieses Bild speichern</translation>
    </message>
    <message>
        <source>Bookmark</source>
        <translation>Lesezeichen</translation>
    </message>
    <message>
        <source>Save the best picture</source>
        <translation>Bestes Bild speichern</translation>
    </message>
    <message>
        <source>Save good pictures automatically</source>
        <translation>Gute Bilder automatisch speichern</translation>
    </message>
    <message>
        <source>Examination…</source>
        <translation>Untersuchung…</translation>
    </message>
    <message>
        <source>Next view</source>
        <translation>Nächste Ansicht</translation>
    </message>
    <message>
        <source>Previous view</source>
        <translation>Vorige Ansicht</translation>
    </message>
    <message>
        <source>Skip this view</source>
        <translation>Diese Ansicht auslassen</translation>
    </message>
    <message>
        <source>Retake this view</source>
        <translation>Diese Ansicht neu aufnehmen</translation>
    </message>
    <message>
        <source>Measure in a region</source>
        <translation>In einem Bereich messen</translation>
    </message>
    <message>
        <source>Compact panel</source>
        <translation>Kleines Feld</translation>
    </message>
    <message>
        <source>Second screen</source>
        <translation>Zweiter Bildschirm</translation>
    </message>
    <message>
        <source>Screens and foot switch…</source>
        <translation>Bildschirme und Fußschalter…</translation>
    </message>
    <message>
        <source>Larger</source>
        <translation>Größer</translation>
    </message>
    <message>
        <source>Smaller</source>
        <translation>Kleiner</translation>
    </message>
    <message>
        <source>To the left</source>
        <translation>Nach links</translation>
    </message>
    <message>
        <source>To the right</source>
        <translation>Nach rechts</translation>
    </message>
    <message>
        <source>Up</source>
        <translation>Nach oben</translation>
    </message>
    <message>
        <source>Down</source>
        <translation>Nach unten</translation>
    </message>
    <message>
        <source>Brighter</source>
        <translation>Heller</translation>
    </message>
    <message>
        <source>Darker</source>
        <translation>Dunkler</translation>
    </message>
    <message>
        <source>More contrast</source>
        <translation>Mehr Kontrast</translation>
    </message>
    <message>
        <source>Less contrast</source>
        <translation>Weniger Kontrast</translation>
    </message>
    <message>
        <source>As captured</source>
        <translation>Wie aufgenommen</translation>
    </message>
    <message>
        <source>&amp;Record</source>
        <translation>&amp;Aufzeichnen</translation>
    </message>
    <message>
        <source>Heatmap</source>
        <translation>Wärmekarte</translation>
    </message>
    <message>
        <source>All overlays</source>
        <translation>Alle Einblendungen</translation>
    </message>
    <message>
        <source>Weaker heatmap</source>
        <translation>Schwächere Wärmekarte</translation>
    </message>
    <message>
        <source>Stronger heatmap</source>
        <translation>Stärkere Wärmekarte</translation>
    </message>
    <message>
        <source>Region…</source>
        <translation>Bereich…</translation>
    </message>
    <message>
        <source>Hold the image area</source>
        <translation>Bildbereich festhalten</translation>
    </message>
    <message>
        <source>The other of two images</source>
        <translation>Das andere von zwei Bildern</translation>
    </message>
    <message>
        <source>Stricter threshold</source>
        <translation>Strengere Schwelle</translation>
    </message>
    <message>
        <source>Milder threshold</source>
        <translation>Mildere Schwelle</translation>
    </message>
    <message>
        <source>Full screen</source>
        <translation>Vollbild</translation>
    </message>
    <message>
        <source>Quiet: the number only</source>
        <translation>Ruhig: nur die Zahl</translation>
    </message>
    <message>
        <source>Light colours</source>
        <translation>Helle Farben</translation>
    </message>
    <message>
        <source>Keys</source>
        <translation>Tasten</translation>
    </message>
    <message>
        <source>About scanmon</source>
        <translation>Über scanmon</translation>
    </message>
    <message>
        <source>&amp;File</source>
        <translation>&amp;Datei</translation>
    </message>
    <message>
        <source>&amp;Play</source>
        <translation>&amp;Wiedergabe</translation>
    </message>
    <message>
        <source>&amp;View</source>
        <translation>&amp;Ansicht</translation>
    </message>
    <message>
        <source>P&amp;icture</source>
        <translation>B&amp;ild</translation>
    </message>
    <message>
        <source>&amp;Help</source>
        <translation>&amp;Hilfe</translation>
    </message>
</context>
<context>
    <name>CompactPanel</name>
    <message>
        <source>Window</source>
        <translation>Fenster</translation>
    </message>
    <message>
        <source>Back to the window (C)</source>
        <translation>Zurück zum Fenster (C)</translation>
    </message>
</context>
<context>
    <name>CompareController</name>
    <message>
        <source>Compare with</source>
        <translation>Vergleichen mit</translation>
    </message>
</context>
<context>
    <name>ComparePage</name>
    <message>
        <source>Back to the picture</source>
        <translation>Zurück zum Bild</translation>
    </message>
</context>
<context>
    <name>Controller</name>
    <message>
        <source>No inadequate stretch in that direction.</source>
        <translation>In dieser Richtung kein unzureichender Abschnitt.</translation>
    </message>
</context>
<context>
    <name>EngineController</name>
    <message>
        <source>Choose a checkpoint first.</source>
        <translation>Zuerst einen Checkpoint wählen.</translation>
    </message>
    <message>
        <source>Choose a folder of accepted pictures first, 20 or more.</source>
        <translation>Zuerst einen Ordner mit angenommenen Bildern wählen, 20 oder mehr.</translation>
    </message>
    <message>
        <source>Built. Next: choose accepted pictures of your site, and calibrate.</source>
        <translation>Gebaut. Als Nächstes angenommene Bilder Ihres Hauses wählen und kalibrieren.</translation>
    </message>
    <message>
        <source>Done: {0} is calibrated and in use.</source>
        <translation>Fertig: {0} ist kalibriert und in Gebrauch.</translation>
    </message>
    <message>
        <source>Done.</source>
        <translation>Fertig.</translation>
    </message>
    <message>
        <source>It did not work out; see above.</source>
        <translation>Es hat nicht geklappt, siehe oben.</translation>
    </message>
    <message>
        <source>no GPU in use: scores come less often, the picture is not slowed</source>
        <translation>ohne Grafikprozessor: Bewertungen kommen seltener, das Bild wird nicht langsamer</translation>
    </message>
</context>
<context>
    <name>EnginePage</name>
    <message>
        <source>Bundle</source>
        <translation>Bündel</translation>
    </message>
    <message>
        <source>Metrics</source>
        <translation>Maße</translation>
    </message>
    <message>
        <source>Organs</source>
        <translation>Organe</translation>
    </message>
    <message>
        <source>Licence</source>
        <translation>Lizenz</translation>
    </message>
    <message>
        <source>State</source>
        <translation>Zustand</translation>
    </message>
    <message>
        <source>Engine bundles</source>
        <translation>Bündel</translation>
    </message>
    <message>
        <source>Use it now</source>
        <translation>Jetzt verwenden</translation>
    </message>
    <message>
        <source>Check on this machine</source>
        <translation>Auf diesem Rechner prüfen</translation>
    </message>
    <message>
        <source>Build</source>
        <translation>Bauen</translation>
    </message>
    <message>
        <source>Calibrate the selected bundle</source>
        <translation>Das gewählte Bündel kalibrieren</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
    </message>
    <message>
        <source>Back to the picture</source>
        <translation>Zurück zum Bild</translation>
    </message>
    <message>
        <source>What happens</source>
        <translation>Was geschieht</translation>
    </message>
    <message>
        <source>in use</source>
        <translation>in Gebrauch</translation>
    </message>
    <message>
        <source>whole</source>
        <translation>unversehrt</translation>
    </message>
    <message>
        <source>Engines</source>
        <translation>Rechenkerne</translation>
    </message>
    <message>
        <source>Build from a checkpoint</source>
        <translation>Aus einem Checkpoint bauen</translation>
    </message>
    <message>
        <source>Checkpoint</source>
        <translation>Checkpoint</translation>
    </message>
    <message>
        <source>Organ models (optional)</source>
        <translation>Organmodelle (optional)</translation>
    </message>
    <message>
        <source>Name</source>
        <translation>Name</translation>
    </message>
    <message>
        <source>Calibrate for this site</source>
        <translation>Für dieses Haus kalibrieren</translation>
    </message>
    <message>
        <source>Accepted pictures, 20 or more</source>
        <translation>Angenommene Bilder, 20 oder mehr</translation>
    </message>
    <message>
        <source>Rejected pictures (optional)</source>
        <translation>Abgelehnte Bilder (freiwillig)</translation>
    </message>
    <message>
        <source>Browse…</source>
        <translation>Durchsuchen…</translation>
    </message>
</context>
<context>
    <name>ExaminationController</name>
    <message>
        <source>Open a source first.</source>
        <translation>Zuerst eine Quelle öffnen.</translation>
    </message>
    <message>
        <source>Examination: choose a view, then hold still until it is saved.</source>
        <translation>Untersuchung: Ansicht wählen, dann stillhalten, bis sie gespeichert ist.</translation>
    </message>
    <message>
        <source>The examination was not recorded: there is no page.</source>
        <translation>Die Untersuchung wurde nicht aufgenommen: Es gibt keine Seite.</translation>
    </message>
    <message>
        <source>Examination</source>
        <translation>Untersuchung</translation>
    </message>
    <message>
        <source>End the examination? {0} of {1} views are saved.</source>
        <translation>Untersuchung beenden? {0} von {1} Ansichten sind gespeichert.</translation>
    </message>
    <message>
        <source>Go on</source>
        <translation>Weiter</translation>
    </message>
    <message>
        <source>End it</source>
        <translation>Beenden</translation>
    </message>
    <message>
        <source>The source was closed before the examination was ended: {0}</source>
        <translation>Die Quelle wurde geschlossen, bevor die Untersuchung beendet war: {0}</translation>
    </message>
    <message>
        <source>The page of the examination is made…</source>
        <translation>Die Seite der Untersuchung wird erstellt…</translation>
    </message>
    <message>
        <source>Saved: {0}</source>
        <translation>Gespeichert: {0}</translation>
    </message>
</context>
<context>
    <name>Exporting</name>
    <message>
        <source>Only a recorded session can be exported (R records one).</source>
        <translation>Nur eine aufgezeichnete Sitzung kann exportiert werden (R zeichnet eine auf).</translation>
    </message>
    <message>
        <source>Exporting to {0}</source>
        <translation>Export nach {0}</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
    </message>
    <message>
        <source>Export session</source>
        <translation>Sitzung exportieren</translation>
    </message>
    <message>
        <source>Report</source>
        <translation>Bericht</translation>
    </message>
    <message>
        <source>Film with overlay</source>
        <translation>Film mit Einblendung</translation>
    </message>
    <message>
        <source>Table</source>
        <translation>Tabelle</translation>
    </message>
    <message>
        <source>DICOM</source>
        <translation>DICOM</translation>
    </message>
    <message>
        <source>Sequence for 3D Slicer</source>
        <translation>Sequenz für 3D Slicer</translation>
    </message>
    <message>
        <source>Saved: {0}</source>
        <translation>Gespeichert: {0}</translation>
    </message>
    <message>
        <source>Export stopped; nothing was kept.</source>
        <translation>Export abgebrochen; nichts wurde behalten.</translation>
    </message>
</context>
<context>
    <name>Filmstrip</name>
    <message>
        <source>Best frames</source>
        <translation>Beste Bilder</translation>
    </message>
    <message>
        <source>Best frames: click to see one, G saves the best</source>
        <translation>Beste Bilder: Klick zeigt eines, G speichert das beste</translation>
    </message>
    <message>
        <source>{0} of {1}, quality {2}</source>
        <translation>{0} von {1}, Qualität {2}</translation>
    </message>
    <message>
        <source>{0} ● saved automatically</source>
        <translation>{0} ● automatisch gespeichert</translation>
    </message>
</context>
<context>
    <name>HeatLegend</name>
    <message>
        <source>clean</source>
        <translation>ungestört</translation>
    </message>
    <message>
        <source>poor</source>
        <translation>schlecht</translation>
    </message>
</context>
<context>
    <name>HelpDialog</name>
    <message>
        <source>Keys</source>
        <translation>Tasten</translation>
    </message>
    <message>
        <source>Presets 1 to 9, or views</source>
        <translation>Voreinstellungen 1 bis 9, oder Ansichten</translation>
    </message>
    <message>
        <source>On the picture the wheel zooms, the left button moves, the right sets contrast.</source>
        <translation>Auf dem Bild: das Rad vergrößert, die linke Taste verschiebt, die rechte stellt den Kontrast ein.</translation>
    </message>
    <message>
        <source>A foot switch that sends keys works with all of these; F4 learns its key.</source>
        <translation>Ein Fußschalter, der Tasten sendet, geht mit allen; F4 lernt seine Taste.</translation>
    </message>
</context>
<context>
    <name>Looking</name>
    <message>
        <source>window {0}, level {1}</source>
        <translation>Fenster {0}, Mitte {1}</translation>
    </message>
    <message>
        <source>Display only: {0}. The score is of the picture as captured (0 shows it).</source>
        <translation>Nur Anzeige: {0}. Bewertet wird das Bild, wie es aufgenommen ist (0 zeigt es).</translation>
    </message>
</context>
<context>
    <name>MessagePanel</name>
    <message>
        <source>Choose a source…</source>
        <translation>Quelle wählen…</translation>
    </message>
</context>
<context>
    <name>Messages</name>
    <message>
        <source>Scoring stopped; the picture goes on</source>
        <translation>Bewertung angehalten; das Bild läuft weiter</translation>
    </message>
    <message>
        <source>Choose another bundle or back end (Ctrl+E).</source>
        <translation>Anderes Bündel oder anderen Rechenkern wählen (Strg+E).</translation>
    </message>
    <message>
        <source>This picture could not be scored; the next one is tried</source>
        <translation>Dieses Bild konnte nicht bewertet werden; das nächste wird versucht</translation>
    </message>
    <message>
        <source>No score: {0}</source>
        <translation>Keine Bewertung: {0}</translation>
    </message>
    <message>
        <source>Picture held</source>
        <translation>Bild angehalten</translation>
    </message>
    <message>
        <source>Capture and scoring go on.</source>
        <translation>Aufnahme und Bewertung laufen weiter.</translation>
    </message>
    <message>
        <source>Space shows the live picture again.</source>
        <translation>Die Leertaste zeigt wieder das Live-Bild.</translation>
    </message>
    <message>
        <source>The source gives no picture</source>
        <translation>Die Quelle liefert kein Bild</translation>
    </message>
    <message>
        <source>Open another source (Ctrl+O, Ctrl+L).</source>
        <translation>Andere Quelle öffnen (Strg+O, Strg+L).</translation>
    </message>
    <message>
        <source>No source</source>
        <translation>Keine Quelle</translation>
    </message>
    <message>
        <source>Drop a cine loop here, or open one (Ctrl+O).</source>
        <translation>Eine Bildschleife hierher ziehen oder öffnen (Strg+O).</translation>
    </message>
    <message>
        <source>A live source is chosen on the set-up page (Ctrl+L).</source>
        <translation>Eine Live-Quelle wird auf der Einrichtungsseite gewählt (Strg+L).</translation>
    </message>
    <message>
        <source>Signal lost, trying again</source>
        <translation>Signal verloren, neuer Versuch läuft</translation>
    </message>
    <message>
        <source>The last picture stays; it is not scored.</source>
        <translation>Das letzte Bild bleibt stehen; es wird nicht bewertet.</translation>
    </message>
    <message>
        <source>Check the cable. Nothing else to do: it comes back by itself.</source>
        <translation>Kabel prüfen. Sonst ist nichts zu tun: Es kommt von selbst wieder.</translation>
    </message>
    <message>
        <source>Cannot reach {0}, trying again</source>
        <translation>{0} ist nicht erreichbar, neuer Versuch läuft</translation>
    </message>
    <message>
        <source>the source</source>
        <translation>Die Quelle</translation>
    </message>
    <message>
        <source>It goes on by itself; or choose another source (Ctrl+L).</source>
        <translation>Es geht von selbst weiter; oder eine andere Quelle wählen (Strg+L).</translation>
    </message>
    <message>
        <source>Opening the source…</source>
        <translation>Quelle wird geöffnet…</translation>
    </message>
    <message>
        <source>unexpected error: {0}</source>
        <translation>unerwarteter Fehler: {0}</translation>
    </message>
</context>
<context>
    <name>MonitorFactory</name>
    <message>
        <source>in use by another program</source>
        <translation>von einem anderen Programm belegt</translation>
    </message>
</context>
<context>
    <name>MonitorWindow</name>
    <message>
        <source>Open recent</source>
        <translation>Zuletzt geöffnet</translation>
    </message>
</context>
<context>
    <name>OwnFiles</name>
    <message>
        <source>it was set aside as {0}, and the settings start anew</source>
        <translation>sie wurde als {0} beiseitegelegt, und die Einstellungen beginnen neu</translation>
    </message>
</context>
<context>
    <name>PresetBar</name>
    <message>
        <source>Presets</source>
        <translation>Voreinstellungen</translation>
    </message>
    <message>
        <source>Scanner, probe, organ</source>
        <translation>Gerät, Sonde, Organ</translation>
    </message>
    <message>
        <source>Name of the preset</source>
        <translation>Name der Voreinstellung</translation>
    </message>
    <message>
        <source>Key of the preset</source>
        <translation>Taste der Voreinstellung</translation>
    </message>
    <message>
        <source>Save preset</source>
        <translation>Voreinstellung speichern</translation>
    </message>
    <message>
        <source>What was on this key before is replaced: so a preset is renamed</source>
        <translation>Was auf dieser Taste lag, wird ersetzt: so wird eine Voreinstellung umbenannt</translation>
    </message>
    <message>
        <source>Use</source>
        <translation>Verwenden</translation>
    </message>
    <message>
        <source>Delete</source>
        <translation>Löschen</translation>
    </message>
    <message>
        <source>Name and key (1 to 9):</source>
        <translation>Name und Taste (1 bis 9):</translation>
    </message>
</context>
<context>
    <name>RecordingController</name>
    <message>
        <source>Recording is not available here.</source>
        <translation>Aufzeichnen ist hier nicht möglich.</translation>
    </message>
    <message>
        <source>No picture was adequate yet.</source>
        <translation>Noch kein Bild war ausreichend.</translation>
    </message>
    <message>
        <source>Nothing to save yet: there is no picture.</source>
        <translation>Noch nichts zu sichern: Es ist kein Bild da.</translation>
    </message>
    <message>
        <source>Not saved: this picture was not analysed.</source>
        <translation>Nicht gesichert: Dieses Bild wurde nicht ausgewertet.</translation>
    </message>
    <message>
        <source>Saved as soon as the picture is analysed…</source>
        <translation>Wird gesichert, sobald das Bild ausgewertet ist …</translation>
    </message>
    <message>
        <source>Saved: {0}</source>
        <translation>Gespeichert: {0}</translation>
    </message>
    <message>
        <source>● recording {0}</source>
        <translation>● Aufzeichnung {0}</translation>
    </message>
    <message>
        <source> ({0} pictures lost)</source>
        <translation> ({0} Bilder verloren)</translation>
    </message>
    <message>
        <source> — disk nearly full, {0} GB left</source>
        <translation> — Datenträger fast voll, noch {0} GB</translation>
    </message>
    <message>
        <source> (whole screen)</source>
        <translation> (ganzer Bildschirm)</translation>
    </message>
    <message>
        <source> — scores alone: no sector is known, mark it with M</source>
        <translation> — nur Werte: kein Sektor bekannt, mit M markieren</translation>
    </message>
</context>
<context>
    <name>RecordingDialog</name>
    <message>
        <source>Cine loops and images</source>
        <translation>Bildschleifen und Bilder</translation>
    </message>
    <message>
        <source>All files</source>
        <translation>Alle Dateien</translation>
    </message>
</context>
<context>
    <name>RegionEditor</name>
    <message>
        <source>Region of the picture</source>
        <translation>Bereich des Bildes</translation>
    </message>
</context>
<context>
    <name>RegionForm</name>
    <message>
        <source>find it automatically</source>
        <translation>automatisch finden</translation>
    </message>
    <message>
        <source>whole picture</source>
        <translation>ganzes Bild</translation>
    </message>
    <message>
        <source>rectangle</source>
        <translation>Rechteck</translation>
    </message>
    <message>
        <source>four corners (steered linear)</source>
        <translation>vier Ecken (geschwenkt linear)</translation>
    </message>
    <message>
        <source>sector (convex, phased array)</source>
        <translation>Sektor (konvex, Phased Array)</translation>
    </message>
    <message>
        <source>Region</source>
        <translation>Bereich</translation>
    </message>
</context>
<context>
    <name>Report</name>
    <message>
        <source>best {0}:  {1}</source>
        <translation>beste {0}:  {1}</translation>
    </message>
    <message>
        <source>worst {0}:  {1}</source>
        <translation>schlechteste {0}:  {1}</translation>
    </message>
    <message>
        <source>{0} frames, {1} scored</source>
        <translation>{0} Bilder, {1} bewertet</translation>
    </message>
    <message>
        <source>source: {0}</source>
        <translation>Quelle: {0}</translation>
    </message>
    <message>
        <source>{0} recordings: the size of the picture changed</source>
        <translation>{0} Aufnahmen: die Größe des Bildes änderte sich</translation>
    </message>
    <message>
        <source>of the time</source>
        <translation>der Zeit</translation>
    </message>
    <message>
        <source>median</source>
        <translation>Median</translation>
    </message>
    <message>
        <source>quality</source>
        <translation>Qualität</translation>
    </message>
    <message>
        <source>The recording was cut off.</source>
        <translation>Die Aufnahme brach ab.</translation>
    </message>
    <message>
        <source>the examination was not ended</source>
        <translation>die Untersuchung wurde nicht beendet</translation>
    </message>
    <message>
        <source>{0} of {1} views saved</source>
        <translation>{0} von {1} Ansichten gespeichert</translation>
    </message>
    <message>
        <source>none was inadequate</source>
        <translation>keiner war unzureichend</translation>
    </message>
    <message>
        <source>Worst stretches</source>
        <translation>Schlechteste Abschnitte</translation>
    </message>
    <message>
        <source>Wrong most of the scored time</source>
        <translation>Häufigste Mängel in der bewerteten Zeit</translation>
    </message>
    <message>
        <source>nothing stood out</source>
        <translation>nichts fiel auf</translation>
    </message>
    <message>
        <source>beside it {0} ({1})</source>
        <translation>daneben {0} ({1})</translation>
    </message>
    <message>
        <source>organ models {0}</source>
        <translation>Organmodelle {0}</translation>
    </message>
    <message>
        <source>marginal from {0}, adequate from {1}</source>
        <translation>grenzwertig ab {0}, ausreichend ab {1}</translation>
    </message>
    <message>
        <source>Ultrasound image quality</source>
        <translation>Bildqualität im Ultraschall</translation>
    </message>
    <message>
        <source>scored, no word</source>
        <translation>bewertet, ohne Wort</translation>
    </message>
    <message>
        <source>no score</source>
        <translation>keine Bewertung</translation>
    </message>
    <message>
        <source>not scored</source>
        <translation>nicht bewertet</translation>
    </message>
    <message>
        <source>frozen</source>
        <translation>eingefroren</translation>
    </message>
    <message>
        <source>no signal</source>
        <translation>kein Signal</translation>
    </message>
    <message>
        <source>not B-mode</source>
        <translation>kein B-Bild</translation>
    </message>
    <message>
        <source>saved: {0}</source>
        <translation>gespeichert: {0}</translation>
    </message>
    <message>
        <source>not reached, best {0}</source>
        <translation>nicht erreicht, bestes {0}</translation>
    </message>
    <message>
        <source>not reached</source>
        <translation>nicht erreicht</translation>
    </message>
    <message>
        <source>skipped</source>
        <translation>ausgelassen</translation>
    </message>
    <message>
        <source>adequate {0} of {1} s</source>
        <translation>ausreichend {0} von {1} s</translation>
    </message>
    <message>
        <source>not scanned</source>
        <translation>nicht untersucht</translation>
    </message>
    <message>
        <source>{0} to {1}</source>
        <translation>{0} bis {1}</translation>
    </message>
    <message>
        <source>down to {0}</source>
        <translation>bis {0} hinab</translation>
    </message>
</context>
<context>
    <name>ResultPage</name>
    <message>
        <source>Page of the examination</source>
        <translation>Seite der Untersuchung</translation>
    </message>
    <message>
        <source>Open the PDF</source>
        <translation>PDF öffnen</translation>
    </message>
    <message>
        <source>Show the folder</source>
        <translation>Ordner zeigen</translation>
    </message>
    <message>
        <source>Back to the picture</source>
        <translation>Zurück zum Bild</translation>
    </message>
    <message>
        <source>Saved: {0}</source>
        <translation>Gespeichert: {0}</translation>
    </message>
</context>
<context>
    <name>Roi</name>
    <message>
        <source>mean {0} ± {1}</source>
        <translation>Mittel {0} ± {1}</translation>
    </message>
    <message>
        <source>mean / sd {0}</source>
        <translation>Mittel / Streuung {0}</translation>
    </message>
    <message>
        <source>speckle {0} x {1} px</source>
        <translation>Speckle {0} x {1} px</translation>
    </message>
    <message>
        <source>{0} x {1} mm ({2} mm per pixel)</source>
        <translation>{0} x {1} mm ({2} mm je Pixel)</translation>
    </message>
    <message>
        <source>contrast {0} dB</source>
        <translation>Kontrast {0} dB</translation>
    </message>
    <message>
        <source>CNR {0}, gCNR {1}</source>
        <translation>CNR {0}, gCNR {1}</translation>
    </message>
    <message>
        <source>{0} % black or white</source>
        <translation>{0} % schwarz oder weiß</translation>
    </message>
</context>
<context>
    <name>RoiController</name>
    <message>
        <source>Distance of both points in millimetres:</source>
        <translation>Abstand der beiden Punkte in Millimetern:</translation>
    </message>
    <message>
        <source>Scale</source>
        <translation>Maßstab</translation>
    </message>
</context>
<context>
    <name>RoiLayer</name>
    <message>
        <source>Regions of interest</source>
        <translation>Messbereiche</translation>
    </message>
</context>
<context>
    <name>ScoringForm</name>
    <message>
        <source>Metric</source>
        <translation>Maß</translation>
    </message>
    <message>
        <source>Organ</source>
        <translation>Organ</translation>
    </message>
    <message>
        <source>Advanced</source>
        <translation>Erweitert</translation>
    </message>
    <message>
        <source>Engine bundle</source>
        <translation>Modellpaket</translation>
    </message>
    <message>
        <source>Runs on</source>
        <translation>Läuft auf</translation>
    </message>
    <message>
        <source>automatic</source>
        <translation>automatisch</translation>
    </message>
    <message>
        <source>automatic (all)</source>
        <translation>automatisch (alle)</translation>
    </message>
</context>
<context>
    <name>SetupController</name>
    <message>
        <source>There is no preset on key {0}.</source>
        <translation>Auf Taste {0} liegt keine Voreinstellung.</translation>
    </message>
    <message>
        <source>Preset {0}: {1}</source>
        <translation>Voreinstellung {0}: {1}</translation>
    </message>
    <message>
        <source>Thresholds {0} points from those of the bundle</source>
        <translation>Schwellen {0} Punkte gegenüber denen des Bündels</translation>
    </message>
    <message>
        <source>The image area is looked for again</source>
        <translation>Der Bildbereich wird wieder gesucht</translation>
    </message>
    <message>
        <source>No image area was found that could be held</source>
        <translation>Kein Bildbereich gefunden, der festgehalten werden könnte</translation>
    </message>
    <message>
        <source>The image area is held</source>
        <translation>Der Bildbereich wird festgehalten</translation>
    </message>
    <message>
        <source>Image area changed</source>
        <translation>Bildbereich geändert</translation>
    </message>
    <message>
        <source>Scored again, in the background</source>
        <translation>Wird im Hintergrund neu bewertet</translation>
    </message>
    <message>
        <source>Saved: {0}</source>
        <translation>Gespeichert: {0}</translation>
    </message>
    <message>
        <source>Preset {0} is deleted: {1}</source>
        <translation>Voreinstellung {0} ist gelöscht: {1}</translation>
    </message>
    <message>
        <source>Screen {0}</source>
        <translation>Bildschirm {0}</translation>
    </message>
</context>
<context>
    <name>SetupPage</name>
    <message>
        <source>Address of a source</source>
        <translation>Adresse einer Quelle</translation>
    </message>
    <message>
        <source>File…</source>
        <translation>Datei…</translation>
    </message>
    <message>
        <source>Folder…</source>
        <translation>Ordner…</translation>
    </message>
    <message>
        <source>Files and folders can be dropped on the window.</source>
        <translation>Dateien und Ordner lassen sich auf das Fenster ziehen.</translation>
    </message>
    <message>
        <source>Start monitoring</source>
        <translation>Überwachung beginnen</translation>
    </message>
    <message>
        <source>Choose a source on the left</source>
        <translation>Links eine Quelle wählen</translation>
    </message>
    <message>
        <source>Source</source>
        <translation>Quelle</translation>
    </message>
    <message>
        <source>Region</source>
        <translation>Bereich</translation>
    </message>
    <message>
        <source>Scoring</source>
        <translation>Bewertung</translation>
    </message>
    <message>
        <source>Presets</source>
        <translation>Voreinstellungen</translation>
    </message>
</context>
<context>
    <name>SidePanel</name>
    <message>
        <source>Heatmap</source>
        <translation>Wärmekarte</translation>
    </message>
    <message>
        <source>Where the picture is poor (H)</source>
        <translation>Wo das Bild schlecht ist (H)</translation>
    </message>
    <message>
        <source>Strength of the heatmap</source>
        <translation>Stärke der Wärmekarte</translation>
    </message>
    <message>
        <source>Strength of the heatmap (, and .)</source>
        <translation>Stärke der Wärmekarte (, und .)</translation>
    </message>
</context>
<context>
    <name>SourceList</name>
    <message>
        <source>Sources</source>
        <translation>Quellen</translation>
    </message>
    <message>
        <source>Demo</source>
        <translation>Demo</translation>
    </message>
    <message>
        <source>cine loop with faults</source>
        <translation>Bildschleife mit Störungen</translation>
    </message>
    <message>
        <source>Phantom</source>
        <translation>Phantom</translation>
    </message>
    <message>
        <source>simulated B-mode</source>
        <translation>simuliertes B-Bild</translation>
    </message>
</context>
<context>
    <name>StartDialog</name>
    <message>
        <source>Examination</source>
        <translation>Untersuchung</translation>
    </message>
    <message>
        <source>Protocol</source>
        <translation>Protokoll</translation>
    </message>
    <message>
        <source>Open a protocol…</source>
        <translation>Protokoll öffnen…</translation>
    </message>
    <message>
        <source>optional</source>
        <translation>freiwillig</translation>
    </message>
    <message>
        <source>The label is stored and printed. No names and no numbers of patients, please.</source>
        <translation>Die Bezeichnung wird gespeichert und gedruckt. Bitte keine Namen und keine Nummern von Patienten.</translation>
    </message>
    <message>
        <source>Views</source>
        <translation>Ansichten</translation>
    </message>
    <message>
        <source>Label</source>
        <translation>Bezeichnung</translation>
    </message>
    <message>
        <source>Start</source>
        <translation>Beginnen</translation>
    </message>
    <message>
        <source>Protocols of your own are read from {0}</source>
        <translation>Eigene Protokolle werden aus {0} gelesen</translation>
    </message>
    <message>
        <source>en</source>
        <translation>de</translation>
    </message>
    <message>
        <source>Open a protocol</source>
        <translation>Protokoll öffnen</translation>
    </message>
    <message>
        <source>Protocols</source>
        <translation>Protokolle</translation>
    </message>
</context>
<context>
    <name>Study</name>
    <message>
        <source>brightness</source>
        <translation>Helligkeit</translation>
    </message>
    <message>
        <source>contact</source>
        <translation>Ankopplung</translation>
    </message>
    <message>
        <source>detail</source>
        <translation>Schärfe</translation>
    </message>
    <message>
        <source>less noise</source>
        <translation>weniger Rauschen</translation>
    </message>
    <message>
        <source>fewer artefacts</source>
        <translation>weniger Artefakte</translation>
    </message>
    <message>
        <source>less white</source>
        <translation>weniger Weiß</translation>
    </message>
    <message>
        <source>something else</source>
        <translation>etwas anderes</translation>
    </message>
</context>
<context>
    <name>StudyPage</name>
    <message>
        <source>{0} of {1}</source>
        <translation>{0} von {1}</translation>
    </message>
    <message>
        <source>All pairs are judged. Thank you.</source>
        <translation>Alle Paare sind beurteilt. Danke.</translation>
    </message>
    <message>
        <source>Better in what? {0}; 0 not said</source>
        <translation>Worin besser? {0}; 0 keine Angabe</translation>
    </message>
    <message>
        <source>Which is better?   ← left   ↓ equal   → right   (Backspace: take back, Esc: leave)</source>
        <translation>Welches ist besser?   ← links   ↓ gleich   → rechts   (Rücktaste: zurück, Esc: beenden)</translation>
    </message>
</context>
<context>
    <name>Texts</name>
    <message>
        <source>Research use only. Not for diagnosis.</source>
        <translation>Nur für die Forschung. Nicht zur Diagnose.</translation>
    </message>
    <message>
        <source>adequate</source>
        <translation>ausreichend</translation>
    </message>
    <message>
        <source>marginal</source>
        <translation>grenzwertig</translation>
    </message>
    <message>
        <source>inadequate</source>
        <translation>unzureichend</translation>
    </message>
    <message>
        <source>TinyUSFM-NRQ</source>
        <translation>TinyUSFM-NRQ</translation>
    </message>
    <message>
        <source>Severity map</source>
        <translation>Störungskarte</translation>
    </message>
    <message>
        <source>this frame was not scored</source>
        <translation>dieses Bild wurde nicht bewertet</translation>
    </message>
    <message>
        <source>Frames beside it have their scores.</source>
        <translation>Die Bilder daneben haben ihre Werte.</translation>
    </message>
    <message>
        <source>picture is frozen</source>
        <translation>Standbild</translation>
    </message>
    <message>
        <source>Unfreeze the scanner; scoring goes on by itself.</source>
        <translation>Standbild am Gerät aufheben; die Bewertung läuft von selbst weiter.</translation>
    </message>
    <message>
        <source>no signal</source>
        <translation>kein Signal</translation>
    </message>
    <message>
        <source>Check the video cable and that the scanner is on.</source>
        <translation>Prüfen, ob das Videokabel steckt und das Gerät eingeschaltet ist.</translation>
    </message>
    <message>
        <source>not B-mode</source>
        <translation>kein B-Bild</translation>
    </message>
    <message>
        <source>Only B-mode is scored. Leave Doppler, M-mode or the menu to go on.</source>
        <translation>Nur B-Bild wird bewertet. Zum Fortfahren Doppler, M-Mode oder Menü verlassen.</translation>
    </message>
    <message>
        <source>score is out of date</source>
        <translation>Bewertung veraltet</translation>
    </message>
    <message>
        <source>The next score replaces it by itself.</source>
        <translation>Die nächste Bewertung ersetzt sie von selbst.</translation>
    </message>
    <message>
        <source>region too small</source>
        <translation>Bereich zu klein</translation>
    </message>
    <message>
        <source>Draw a larger region (M).</source>
        <translation>Größeren Bereich zeichnen (M).</translation>
    </message>
    <message>
        <source>raise the gain</source>
        <translation>Verstärkung erhöhen</translation>
    </message>
    <message>
        <source>raise the deep TGC sliders</source>
        <translation>tiefe TGC-Regler erhöhen</translation>
    </message>
    <message>
        <source>more gel or pressure</source>
        <translation>mehr Gel oder Druck</translation>
    </message>
    <message>
        <source>hold still, set the focus</source>
        <translation>stillhalten, Fokus setzen</translation>
    </message>
    <message>
        <source>noise: less gain or depth</source>
        <translation>Rauschen: weniger Verstärkung oder Tiefe</translation>
    </message>
    <message>
        <source>clutter: another angle</source>
        <translation>Störechos: anderer Winkel</translation>
    </message>
    <message>
        <source>lower the gain</source>
        <translation>Verstärkung senken</translation>
    </message>
    <message>
        <source>check the grabber</source>
        <translation>Grabber prüfen</translation>
    </message>
    <message>
        <source>too dark</source>
        <translation>zu dunkel</translation>
    </message>
    <message>
        <source>saturated</source>
        <translation>übersteuert</translation>
    </message>
    <message>
        <source>haze</source>
        <translation>Schleier</translation>
    </message>
    <message>
        <source>shadow</source>
        <translation>Schatten</translation>
    </message>
    <message>
        <source>light</source>
        <translation>Helligkeit</translation>
    </message>
    <message>
        <source>contact</source>
        <translation>Kontakt</translation>
    </message>
    <message>
        <source>resolution</source>
        <translation>Auflösung</translation>
    </message>
    <message>
        <source>noise</source>
        <translation>Rauschen</translation>
    </message>
    <message>
        <source>clutter</source>
        <translation>Artefakte</translation>
    </message>
    <message>
        <source>saturation</source>
        <translation>Übersteuerung</translation>
    </message>
    <message>
        <source>capture</source>
        <translation>Bildübertragung</translation>
    </message>
    <message>
        <source>as recorded</source>
        <translation>wie aufgenommen</translation>
    </message>
    <message>
        <source>gain too low</source>
        <translation>Verstärkung zu niedrig</translation>
    </message>
    <message>
        <source>haze from the near field</source>
        <translation>Schleier aus dem Nahfeld</translation>
    </message>
    <message>
        <source>out of focus</source>
        <translation>unscharf</translation>
    </message>
    <message>
        <source>poor contact: a shadow</source>
        <translation>schlechter Kontakt: ein Schatten</translation>
    </message>
    <message>
        <source>electronic noise</source>
        <translation>elektronisches Rauschen</translation>
    </message>
</context>
<context>
    <name>ThumbnailRow</name>
    <message>
        <source>Pictures along the time line</source>
        <translation>Bilder entlang der Zeitleiste</translation>
    </message>
</context>
<context>
    <name>TracePlot</name>
    <message>
        <source>the scanner&apos;s settings changed</source>
        <translation>Einstellungen des Geräts geändert</translation>
    </message>
</context>
<context>
    <name>TraceView</name>
    <message>
        <source>Score over time</source>
        <translation>Verlauf der Bewertung</translation>
    </message>
    <message>
        <source>now</source>
        <translation>jetzt</translation>
    </message>
</context>
<context>
    <name>TransportBar</name>
    <message>
        <source>First frame (Home)</source>
        <translation>Erstes Bild (Pos1)</translation>
    </message>
    <message>
        <source>One frame back (Left)</source>
        <translation>Ein Bild zurück (links)</translation>
    </message>
    <message>
        <source>Play or pause (Space)</source>
        <translation>Abspielen oder anhalten (Leertaste)</translation>
    </message>
    <message>
        <source>One frame on (Right)</source>
        <translation>Ein Bild weiter (rechts)</translation>
    </message>
    <message>
        <source>Last frame (End)</source>
        <translation>Letztes Bild (Ende)</translation>
    </message>
    <message>
        <source>Loop: set its start, then its end, then off (L)</source>
        <translation>Schleife: Anfang setzen, Ende setzen, aus (L)</translation>
    </message>
    <message>
        <source>Speed</source>
        <translation>Geschwindigkeit</translation>
    </message>
</context>
<context>
    <name>VideoView</name>
    <message>
        <source>Ultrasound picture</source>
        <translation>Ultraschallbild</translation>
    </message>
</context>
<context>
    <name>ViewState</name>
    <message>
        <source>no score</source>
        <translation>keine Bewertung</translation>
    </message>
    <message>
        <source>engine failed</source>
        <translation>Rechenkern ausgefallen</translation>
    </message>
    <message>
        <source>no score yet</source>
        <translation>noch kein Wert</translation>
    </message>
    <message>
        <source>the engine is loading</source>
        <translation>der Rechenkern wird geladen</translation>
    </message>
    <message>
        <source>smoothed {0}</source>
        <translation>geglättet {0}</translation>
    </message>
    <message>
        <source>{0} is off: here it would be seconds behind the picture. To see it, choose it as the metric.</source>
        <translation>{0} ist aus: Hier käme es Sekunden nach dem Bild. Um es zu sehen, als Metrik wählen.</translation>
    </message>
    <message>
        <source>not calibrated</source>
        <translation>nicht kalibriert</translation>
    </message>
    <message>
        <source>not familiar</source>
        <translation>nicht vertraut</translation>
    </message>
    <message>
        <source>for 0 to 100 and a word: scanmon calibrate</source>
        <translation>für 0 bis 100 und ein Wort: scanmon calibrate</translation>
    </message>
    <message>
        <source>unlike what the engine knows; for a word: scanmon calibrate</source>
        <translation>anders als alles, was die Engine kennt; für ein Wort: scanmon calibrate</translation>
    </message>
    <message>
        <source>{0}, provisional scale</source>
        <translation>{0}, vorläufige Skala</translation>
    </message>
    <message>
        <source>picture {0} ms old</source>
        <translation>Bild {0} ms alt</translation>
    </message>
    <message>
        <source>From capture to display and to score: p50/p95/p99 of the last 10 s</source>
        <translation>Von der Aufnahme bis zur Anzeige und bis zur Bewertung: p50/p95/p99 der letzten 10 s</translation>
    </message>
    <message>
        <source>picture {0} s old</source>
        <translation>Bild {0} s alt</translation>
    </message>
    <message>
        <source>display {0} ms</source>
        <translation>Anzeige {0} ms</translation>
    </message>
    <message>
        <source>score {0} ms</source>
        <translation>Bewertung {0} ms</translation>
    </message>
    <message>
        <source>{0} captured, {1} shown, {2} scored, {3} not scored</source>
        <translation>{0} aufgenommen, {1} gezeigt, {2} bewertet, {3} nicht bewertet</translation>
    </message>
    <message>
        <source>{0} failed</source>
        <translation>{0} fehlgeschlagen</translation>
    </message>
    <message>
        <source>{0} % not scored</source>
        <translation>{0} % nicht bewertet</translation>
    </message>
    <message>
        <source>failing</source>
        <translation>gestört</translation>
    </message>
    <message>
        <source>slow</source>
        <translation>langsam</translation>
    </message>
    <message>
        <source>good</source>
        <translation>gut</translation>
    </message>
    <message>
        <source>{0} % scored</source>
        <translation>{0} % bewertet</translation>
    </message>
    <message>
        <source>{0} ms a score</source>
        <translation>{0} ms je Bewertung</translation>
    </message>
    <message>
        <source>{0} not scored</source>
        <translation>{0} nicht bewertet</translation>
    </message>
</context>
</TS>
