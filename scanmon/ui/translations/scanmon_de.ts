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
        <source>a score only every {0} s</source>
        <translation>Bewertung nur alle {0} s</translation>
    </message>
    <message>
        <source>Too seldom to hold a view: half a second is the most. End other programs.</source>
        <translation>Zu selten, um eine Ansicht zu halten: Eine halbe Sekunde ist das Höchste. Andere Programme beenden.</translation>
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
    <name>EndRequests</name>
    <message>
        <source>Not all was kept.</source>
        <translation>Nicht alles wurde aufbewahrt.</translation>
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
    <name>Errors</name>
    <message>
        <source>--backend {0} is unknown</source>
        <translation>--backend {0} ist unbekannt</translation>
    </message>
    <message>
        <source>--backend {0}:{1} is unknown</source>
        <translation>--backend {0}:{1} ist unbekannt</translation>
    </message>
    <message>
        <source>--device {0}</source>
        <translation>--device {0}</translation>
    </message>
    <message>
        <source>--device {0}: {1} runs on the cpu</source>
        <translation>--device {0}: {1} läuft auf der CPU</translation>
    </message>
    <message>
        <source>--patch {0}: the network of this bundle takes {1}</source>
        <translation>--patch {0}: das Netz dieses Bündels nimmt {1}</translation>
    </message>
    <message>
        <source>--scale {0}</source>
        <translation>--scale {0}</translation>
    </message>
    <message>
        <source>CUDA failed ({0})</source>
        <translation>CUDA ist fehlgeschlagen ({0})</translation>
    </message>
    <message>
        <source>Cannot allocate memory</source>
        <translation>zu wenig Speicher</translation>
    </message>
    <message>
        <source>Connection refused</source>
        <translation>Verbindung abgelehnt</translation>
    </message>
    <message>
        <source>Connection timed out</source>
        <translation>keine Antwort in der Zeit</translation>
    </message>
    <message>
        <source>DICOM reports need highdicom, which is not installed</source>
        <translation>DICOM-Berichte brauchen highdicom, das nicht installiert ist</translation>
    </message>
    <message>
        <source>Device or resource busy</source>
        <translation>Gerät oder Datei ist belegt</translation>
    </message>
    <message>
        <source>File exists</source>
        <translation>Datei ist schon da</translation>
    </message>
    <message>
        <source>File name too long</source>
        <translation>Dateiname zu lang</translation>
    </message>
    <message>
        <source>Input/output error</source>
        <translation>Fehler beim Lesen oder Schreiben</translation>
    </message>
    <message>
        <source>Is a directory</source>
        <translation>ist ein Ordner</translation>
    </message>
    <message>
        <source>LPIPS needs PyTorch</source>
        <translation>LPIPS braucht PyTorch</translation>
    </message>
    <message>
        <source>LPIPS needs the package lpips</source>
        <translation>LPIPS braucht das Paket lpips</translation>
    </message>
    <message>
        <source>LPIPS needs the weights of VGG16, which scanmon does not ship</source>
        <translation>LPIPS braucht die Gewichte von VGG16, die scanmon nicht mitbringt</translation>
    </message>
    <message>
        <source>No space left on device</source>
        <translation>kein Platz mehr auf dem Datenträger</translation>
    </message>
    <message>
        <source>No such device</source>
        <translation>kein solches Gerät</translation>
    </message>
    <message>
        <source>No such file or directory</source>
        <translation>Datei oder Ordner nicht gefunden</translation>
    </message>
    <message>
        <source>Not a directory</source>
        <translation>ist kein Ordner</translation>
    </message>
    <message>
        <source>ONNX Runtime did not start {0}</source>
        <translation>ONNX Runtime hat {0} nicht gestartet</translation>
    </message>
    <message>
        <source>OpenIGTLink needs one more package</source>
        <translation>OpenIGTLink braucht ein weiteres Paket</translation>
    </message>
    <message>
        <source>OpenVINO is not installed</source>
        <translation>OpenVINO ist nicht installiert</translation>
    </message>
    <message>
        <source>Operation not permitted</source>
        <translation>nicht erlaubt</translation>
    </message>
    <message>
        <source>Parquet needs DuckDB, which is not installed</source>
        <translation>Parquet braucht DuckDB, das nicht installiert ist</translation>
    </message>
    <message>
        <source>Permission denied</source>
        <translation>keine Berechtigung</translation>
    </message>
    <message>
        <source>PyCUDA has no graphs</source>
        <translation>PyCUDA hat keine Graphen</translation>
    </message>
    <message>
        <source>PyTorch: {0} of {1} windows</source>
        <translation>PyTorch: {0} von {1} Fenstern</translation>
    </message>
    <message>
        <source>Read-only file system</source>
        <translation>Datenträger ist schreibgeschützt</translation>
    </message>
    <message>
        <source>Too many open files</source>
        <translation>zu viele offene Dateien</translation>
    </message>
    <message>
        <source>TransformMatrix</source>
        <translation>TransformMatrix</translation>
    </message>
    <message>
        <source>WebGPU cannot be loaded ({0!s})</source>
        <translation>WebGPU kann nicht geladen werden ({0!s})</translation>
    </message>
    <message>
        <source>WebGPU finds no GPU</source>
        <translation>WebGPU findet keine GPU</translation>
    </message>
    <message>
        <source>a bundle needs a folder</source>
        <translation>ein Bündel braucht einen Ordner</translation>
    </message>
    <message>
        <source>a calibration needs at least two finite knots</source>
        <translation>eine Kalibrierung braucht mindestens zwei endliche Stützpunkte</translation>
    </message>
    <message>
        <source>a free outline needs three points or more</source>
        <translation>ein freier Umriss braucht drei Punkte oder mehr</translation>
    </message>
    <message>
        <source>a heatmap cannot be unpacked ({0!s})</source>
        <translation>eine Wärmekarte lässt sich nicht entpacken ({0!s})</translation>
    </message>
    <message>
        <source>a heatmap has not the size that it states</source>
        <translation>eine Wärmekarte hat nicht die angegebene Größe</translation>
    </message>
    <message>
        <source>a heatmap of an impossible size</source>
        <translation>eine Wärmekarte von unmöglicher Größe</translation>
    </message>
    <message>
        <source>a library of CUDA is missing ({0})</source>
        <translation>eine Bibliothek von CUDA fehlt ({0})</translation>
    </message>
    <message>
        <source>a library of the system is missing</source>
        <translation>eine Bibliothek des Systems fehlt</translation>
    </message>
    <message>
        <source>a list, each {0!s}</source>
        <translation>eine Liste, jeweils {0!s}</translation>
    </message>
    <message>
        <source>a mask cannot be unpacked ({0!s})</source>
        <translation>eine Maske lässt sich nicht entpacken ({0!s})</translation>
    </message>
    <message>
        <source>a mask has not the size of its box</source>
        <translation>eine Maske hat nicht die Größe ihres Rechtecks</translation>
    </message>
    <message>
        <source>a message that is too long</source>
        <translation>eine zu lange Nachricht</translation>
    </message>
    <message>
        <source>a model needs a dimension and a Gaussian</source>
        <translation>ein Modell braucht eine Dimension und eine Gauß-Komponente</translation>
    </message>
    <message>
        <source>a model rests on some of the windows or on all</source>
        <translation>ein Modell beruht auf einem Teil der Ausschnitte oder auf allen</translation>
    </message>
    <message>
        <source>a number</source>
        <translation>eine Zahl</translation>
    </message>
    <message>
        <source>a number at least {0:s} and at most {1:s}</source>
        <translation>eine Zahl von mindestens {0:s} und höchstens {1:s}</translation>
    </message>
    <message>
        <source>a number more than {0:s} and at most {1:s}</source>
        <translation>eine Zahl über {0:s} und höchstens {1:s}</translation>
    </message>
    <message>
        <source>a number of the phantom is none</source>
        <translation>eine Zahl des Phantoms ist keine</translation>
    </message>
    <message>
        <source>a page needs Qt ({0!s})</source>
        <translation>eine Seite braucht Qt ({0!s})</translation>
    </message>
    <message>
        <source>a picture outside the animation</source>
        <translation>ein Bild außerhalb der Animation</translation>
    </message>
    <message>
        <source>a picture that cannot be decoded</source>
        <translation>ein Bild, das sich nicht dekodieren lässt</translation>
    </message>
    <message>
        <source>a picture without pixels has no score</source>
        <translation>ein Bild ohne Bildpunkte hat keine Bewertung</translation>
    </message>
    <message>
        <source>a preset needs a name and a key from 1 to 9</source>
        <translation>eine Voreinstellung braucht einen Namen und eine Taste von 1 bis 9</translation>
    </message>
    <message>
        <source>a region larger than any picture</source>
        <translation>ein Bereich größer als jedes Bild</translation>
    </message>
    <message>
        <source>a region needs a size and lies inside the picture</source>
        <translation>ein Bereich braucht eine Größe und liegt im Bild</translation>
    </message>
    <message>
        <source>a region of an unknown kind</source>
        <translation>ein Bereich unbekannter Art</translation>
    </message>
    <message>
        <source>a region of fewer than {0} pixels</source>
        <translation>ein Bereich mit weniger als {0} Bildpunkten</translation>
    </message>
    <message>
        <source>a region outside the picture</source>
        <translation>ein Bereich außerhalb des Bildes</translation>
    </message>
    <message>
        <source>a result cannot be packed ({0}: {1!s})</source>
        <translation>ein Ergebnis lässt sich nicht verpacken ({0}: {1!s})</translation>
    </message>
    <message>
        <source>a sector needs radius = [inner, outer] and angles_deg = [left, right], both growing</source>
        <translation>ein Sektor braucht radius = [innen, außen] und angles_deg = [links, rechts], beide wachsend</translation>
    </message>
    <message>
        <source>a setting of the phantom is out of range</source>
        <translation>eine Einstellung des Phantoms liegt außerhalb der Grenzen</translation>
    </message>
    <message>
        <source>a shape needs a kind</source>
        <translation>eine Form braucht eine Art (kind)</translation>
    </message>
    <message>
        <source>a slanted region needs four corners</source>
        <translation>ein schräger Bereich braucht vier Ecken</translation>
    </message>
    <message>
        <source>a table</source>
        <translation>eine Tabelle</translation>
    </message>
    <message>
        <source>a text</source>
        <translation>ein Text</translation>
    </message>
    <message>
        <source>a whole number</source>
        <translation>eine ganze Zahl</translation>
    </message>
    <message>
        <source>a whole number at least {0:s} and at most {1:s}</source>
        <translation>eine ganze Zahl von mindestens {0:s} und höchstens {1:s}</translation>
    </message>
    <message>
        <source>a whole number more than {0:s} and at most {1:s}</source>
        <translation>eine ganze Zahl über {0:s} und höchstens {1:s}</translation>
    </message>
    <message>
        <source>add some with scanmon fit</source>
        <translation>mit scanmon fit welche hinzufügen</translation>
    </message>
    <message>
        <source>add ulpips to --metrics</source>
        <translation>ulpips zu --metrics hinzufügen</translation>
    </message>
    <message>
        <source>after c=IN IP4 put 0.0.0.0, or the address of the group</source>
        <translation>hinter c=IN IP4 0.0.0.0 oder die Adresse der Gruppe eintragen</translation>
    </message>
    <message>
        <source>an array of shape {0} holds no pixels</source>
        <translation>ein Feld der Form {0} enthält keine Bildpunkte</translation>
    </message>
    <message>
        <source>an array of shape {0} is no picture</source>
        <translation>ein Feld der Form {0} ist kein Bild</translation>
    </message>
    <message>
        <source>an organ&apos;s name becomes a file name</source>
        <translation>der Name eines Organs wird zum Dateinamen</translation>
    </message>
    <message>
        <source>an outline that cannot be drawn</source>
        <translation>ein Umriss, der sich nicht zeichnen lässt</translation>
    </message>
    <message>
        <source>angles are degrees from straight down, negative to the left</source>
        <translation>Winkel in Grad von senkrecht unten, negativ nach links</translation>
    </message>
    <message>
        <source>another run is at work on this file</source>
        <translation>ein anderer Lauf arbeitet an dieser Datei</translation>
    </message>
    <message>
        <source>arrays that are too large</source>
        <translation>zu große Felder</translation>
    </message>
    <message>
        <source>ask the sender for its SDP file again</source>
        <translation>den Sender noch einmal um seine SDP-Datei bitten</translation>
    </message>
    <message>
        <source>block {0} is not in this bundle: its network ends with block {1}, the last that the score reads</source>
        <translation>Block {0} ist nicht in diesem Bündel: sein Netz endet mit Block {1}, dem letzten, den die Bewertung liest</translation>
    </message>
    <message>
        <source>bookmarks of an old session cannot be kept</source>
        <translation>in einer alten Sitzung lassen sich keine Lesezeichen ablegen</translation>
    </message>
    <message>
        <source>build it from the checkpoint</source>
        <translation>aus dem Checkpoint bauen</translation>
    </message>
    <message>
        <source>build the bundle again</source>
        <translation>das Bündel neu bauen</translation>
    </message>
    <message>
        <source>build the plan again</source>
        <translation>den Plan neu bauen</translation>
    </message>
    <message>
        <source>building {0}</source>
        <translation>{0} wird gebaut</translation>
    </message>
    <message>
        <source>calibrated by the maker of the bundle</source>
        <translation>kalibriert vom Hersteller des Bündels</translation>
    </message>
    <message>
        <source>calibrated: {0}</source>
        <translation>kalibriert: {0}</translation>
    </message>
    <message>
        <source>calibrating, {0}: {1} of {2}</source>
        <translation>Kalibrieren, {0}: {1} von {2}</translation>
    </message>
    <message>
        <source>cannot be decoded</source>
        <translation>lässt sich nicht dekodieren</translation>
    </message>
    <message>
        <source>cannot be opened (no answer)</source>
        <translation>lässt sich nicht öffnen (keine Antwort)</translation>
    </message>
    <message>
        <source>cannot be opened ({0!s})</source>
        <translation>lässt sich nicht öffnen ({0!s})</translation>
    </message>
    <message>
        <source>cannot be opened ({0})</source>
        <translation>lässt sich nicht öffnen ({0})</translation>
    </message>
    <message>
        <source>cannot be opened as a video (unknown format)</source>
        <translation>lässt sich nicht als Video öffnen (unbekanntes Format)</translation>
    </message>
    <message>
        <source>cannot be opened as a video ({0!s})</source>
        <translation>lässt sich nicht als Video öffnen ({0!s})</translation>
    </message>
    <message>
        <source>cannot be opened as a video ({0})</source>
        <translation>lässt sich nicht als Video öffnen ({0})</translation>
    </message>
    <message>
        <source>cannot be opened: the installed FFmpeg library has no {0}</source>
        <translation>lässt sich nicht öffnen: die installierte FFmpeg-Bibliothek kennt kein {0}</translation>
    </message>
    <message>
        <source>cannot be read ({0!s})</source>
        <translation>lässt sich nicht lesen ({0!s})</translation>
    </message>
    <message>
        <source>cannot be read: no process can be started ({0!s})</source>
        <translation>lässt sich nicht lesen: kein Prozess kann gestartet werden ({0!s})</translation>
    </message>
    <message>
        <source>cannot be removed ({0!s})</source>
        <translation>lässt sich nicht entfernen ({0!s})</translation>
    </message>
    <message>
        <source>cannot be saved ({0!s})</source>
        <translation>lässt sich nicht speichern ({0!s})</translation>
    </message>
    <message>
        <source>cannot be seen ({0!s})</source>
        <translation>lässt sich nicht abgreifen ({0!s})</translation>
    </message>
    <message>
        <source>cannot be written ({0!s})</source>
        <translation>lässt sich nicht schreiben ({0!s})</translation>
    </message>
    <message>
        <source>cannot compile the network (no reason given)</source>
        <translation>kann das Netz nicht übersetzen (ohne Angabe von Gründen)</translation>
    </message>
    <message>
        <source>cannot compile the network ({0})</source>
        <translation>kann das Netz nicht übersetzen ({0})</translation>
    </message>
    <message>
        <source>cannot listen ({0!s})</source>
        <translation>kann keine Verbindungen annehmen ({0!s})</translation>
    </message>
    <message>
        <source>cannot listen ({0})</source>
        <translation>kann keine Verbindungen annehmen ({0})</translation>
    </message>
    <message>
        <source>carries no video</source>
        <translation>enthält kein Video</translation>
    </message>
    <message>
        <source>check cable and device</source>
        <translation>Kabel und Gerät prüfen</translation>
    </message>
    <message>
        <source>check cable and sender</source>
        <translation>Kabel und Sender prüfen</translation>
    </message>
    <message>
        <source>check its rights, and whether it is still being recorded</source>
        <translation>Rechte prüfen und nachsehen, ob noch aufgezeichnet wird</translation>
    </message>
    <message>
        <source>check that it is on</source>
        <translation>prüfen, ob sie eingeschaltet ist</translation>
    </message>
    <message>
        <source>check that the server sends images</source>
        <translation>prüfen, ob der Server Bilder sendet</translation>
    </message>
    <message>
        <source>check the file</source>
        <translation>die Datei prüfen</translation>
    </message>
    <message>
        <source>check the path</source>
        <translation>den Pfad prüfen</translation>
    </message>
    <message>
        <source>check the path and its rights</source>
        <translation>Pfad und Rechte prüfen</translation>
    </message>
    <message>
        <source>check the port</source>
        <translation>den Port prüfen</translation>
    </message>
    <message>
        <source>check the rights of its folder</source>
        <translation>die Rechte des Ordners prüfen</translation>
    </message>
    <message>
        <source>check the sender</source>
        <translation>den Sender prüfen</translation>
    </message>
    <message>
        <source>check what is sent</source>
        <translation>prüfen, was gesendet wird</translation>
    </message>
    <message>
        <source>choose a device that sends single images</source>
        <translation>ein Gerät wählen, das Einzelbilder sendet</translation>
    </message>
    <message>
        <source>choose a folder with space</source>
        <translation>einen Ordner mit freiem Platz wählen</translation>
    </message>
    <message>
        <source>choose a folder with space that is yours</source>
        <translation>einen eigenen Ordner mit freiem Platz wählen</translation>
    </message>
    <message>
        <source>choose a place that is yours</source>
        <translation>einen eigenen Ort wählen</translation>
    </message>
    <message>
        <source>choose a smaller one, or auto</source>
        <translation>eine kleinere oder auto wählen</translation>
    </message>
    <message>
        <source>choose another folder</source>
        <translation>anderen Ordner wählen</translation>
    </message>
    <message>
        <source>choose another port</source>
        <translation>anderen Port wählen</translation>
    </message>
    <message>
        <source>choose another region</source>
        <translation>anderen Bereich wählen</translation>
    </message>
    <message>
        <source>choose one of the list</source>
        <translation>eine aus der Liste wählen</translation>
    </message>
    <message>
        <source>choosing the fastest engine that agrees here</source>
        <translation>der schnellste Rechenkern, der hier übereinstimmt, wird gewählt</translation>
    </message>
    <message>
        <source>close other programs</source>
        <translation>andere Programme schließen</translation>
    </message>
    <message>
        <source>close other programs or choose smaller material</source>
        <translation>andere Programme schließen oder kleineres Material wählen</translation>
    </message>
    <message>
        <source>comparing {0} with PyTorch on own pictures</source>
        <translation>{0} wird an eigenen Bildern mit PyTorch verglichen</translation>
    </message>
    <message>
        <source>comparing {0} with PyTorch on {1}</source>
        <translation>{0} wird mit PyTorch verglichen: {1}</translation>
    </message>
    <message>
        <source>compile it again with scanmon build BUNDLE --backend tensorrt-rtx</source>
        <translation>mit scanmon build BUNDLE --backend tensorrt-rtx neu übersetzen</translation>
    </message>
    <message>
        <source>compiles for the GPU of this machine only</source>
        <translation>übersetzt nur für die GPU dieses Rechners</translation>
    </message>
    <message>
        <source>convert it, for instance with array.astype(numpy.uint8)</source>
        <translation>umwandeln, zum Beispiel mit array.astype(numpy.uint8)</translation>
    </message>
    <message>
        <source>convert it, or check the file</source>
        <translation>umwandeln oder die Datei prüfen</translation>
    </message>
    <message>
        <source>copy it again</source>
        <translation>noch einmal kopieren</translation>
    </message>
    <message>
        <source>copy it again, or convert it</source>
        <translation>noch einmal kopieren oder umwandeln</translation>
    </message>
    <message>
        <source>copy or download it again</source>
        <translation>noch einmal kopieren oder herunterladen</translation>
    </message>
    <message>
        <source>copy or export it again</source>
        <translation>noch einmal kopieren oder exportieren</translation>
    </message>
    <message>
        <source>copy the folder again</source>
        <translation>den Ordner noch einmal kopieren</translation>
    </message>
    <message>
        <source>copy the whole folder again, or record anew</source>
        <translation>den ganzen Ordner noch einmal kopieren oder neu aufzeichnen</translation>
    </message>
    <message>
        <source>copy what comes from it into a file</source>
        <translation>was von dort kommt, in eine Datei kopieren</translation>
    </message>
    <message>
        <source>crop or reduce it to {0} megapixels at most</source>
        <translation>auf höchstens {0} Megapixel beschneiden oder verkleinern</translation>
    </message>
    <message>
        <source>cuda-python {0} stops the window while the GPU works</source>
        <translation>cuda-python {0} hält das Fenster an, während die GPU arbeitet</translation>
    </message>
    <message>
        <source>data in {0}</source>
        <translation>Daten in {0}</translation>
    </message>
    <message>
        <source>decides by itself what it computes (If)</source>
        <translation>entscheidet selbst, was es rechnet (If)</translation>
    </message>
    <message>
        <source>describes no video</source>
        <translation>beschreibt kein Video</translation>
    </message>
    <message>
        <source>docs/formats.md shows a protocol</source>
        <translation>docs/formats.md zeigt ein Protokoll</translation>
    </message>
    <message>
        <source>does not agree with PyTorch, and the report cannot be kept ({0!s})</source>
        <translation>stimmt nicht mit PyTorch überein, und der Bericht lässt sich nicht ablegen ({0!s})</translation>
    </message>
    <message>
        <source>does not agree with PyTorch: {0!s}</source>
        <translation>stimmt nicht mit PyTorch überein: {0!s}</translation>
    </message>
    <message>
        <source>does not belong to gmm_covariances</source>
        <translation>gehört nicht zu gmm_covariances</translation>
    </message>
    <message>
        <source>does not belong to gmm_weights</source>
        <translation>gehört nicht zu gmm_weights</translation>
    </message>
    <message>
        <source>does not have the sha256 that the bundle states</source>
        <translation>hat nicht die SHA-256-Prüfsumme, die im Bündel steht</translation>
    </message>
    <message>
        <source>does not take the network ({0})</source>
        <translation>nimmt das Netz nicht an ({0})</translation>
    </message>
    <message>
        <source>done</source>
        <translation>fertig</translation>
    </message>
    <message>
        <source>draw the region (M)</source>
        <translation>den Bildbereich zeichnen (M)</translation>
    </message>
    <message>
        <source>each view has a name of its own</source>
        <translation>jede Ansicht hat einen eigenen Namen</translation>
    </message>
    <message>
        <source>ends before frame {0}</source>
        <translation>endet vor Bild {0}</translation>
    </message>
    <message>
        <source>ends without a picture</source>
        <translation>endet ohne Bild</translation>
    </message>
    <message>
        <source>every file is left out</source>
        <translation>alle Dateien sind ausgeschlossen</translation>
    </message>
    <message>
        <source>exists already and is not empty</source>
        <translation>ist schon da und nicht leer</translation>
    </message>
    <message>
        <source>export</source>
        <translation>Export</translation>
    </message>
    <message>
        <source>export a table instead</source>
        <translation>stattdessen eine Tabelle exportieren</translation>
    </message>
    <message>
        <source>export a table: .csv, .parquet or .jsonl</source>
        <translation>eine Tabelle exportieren: .csv, .parquet oder .jsonl</translation>
    </message>
    <message>
        <source>export it again</source>
        <translation>noch einmal exportieren</translation>
    </message>
    <message>
        <source>export it again, uncompressed</source>
        <translation>noch einmal exportieren, unkomprimiert</translation>
    </message>
    <message>
        <source>export its table, or record with a known sector</source>
        <translation>die Tabelle exportieren oder mit bekanntem Sektor aufzeichnen</translation>
    </message>
    <message>
        <source>features differ by {0:s} of their spread, allowed {1:s}</source>
        <translation>Merkmale weichen um {0:s} ihrer Streuung ab, erlaubt {1:s}</translation>
    </message>
    <message>
        <source>features differ by {0:s}, allowed {1:s}</source>
        <translation>Merkmale weichen um {0:s} ab, erlaubt {1:s}</translation>
    </message>
    <message>
        <source>finish that run with its options, or delete this file to begin anew</source>
        <translation>jenen Lauf mit seinen Optionen beenden oder diese Datei löschen und neu beginnen</translation>
    </message>
    <message>
        <source>fit it again with scanmon fit, or use the head nrq</source>
        <translation>mit scanmon fit neu anpassen oder den Kopf nrq verwenden</translation>
    </message>
    <message>
        <source>fit the organ model again with scanmon fit</source>
        <translation>das Organmodell mit scanmon fit neu anpassen</translation>
    </message>
    <message>
        <source>fit the organ models again with scanmon fit</source>
        <translation>die Organmodelle mit scanmon fit neu anpassen</translation>
    </message>
    <message>
        <source>fitting</source>
        <translation>Anpassen</translation>
    </message>
    <message>
        <source>fitting needs scikit-learn</source>
        <translation>Anpassen braucht scikit-learn</translation>
    </message>
    <message>
        <source>floating-point pixels are not all 0..1 or 0..255</source>
        <translation>Gleitkomma-Bildpunkte liegen nicht alle in 0..1 oder 0..255</translation>
    </message>
    <message>
        <source>floating-point pixels outside 0..1 and 0..255</source>
        <translation>Gleitkomma-Bildpunkte außerhalb von 0..1 und 0..255</translation>
    </message>
    <message>
        <source>for a GPU of another maker: pip install &apos;scanmon[webgpu]&apos;, then --backend onnxruntime:webgpu</source>
        <translation>für eine GPU anderer Hersteller: pip install &apos;scanmon[webgpu]&apos;, dann --backend onnxruntime:webgpu</translation>
    </message>
    <message>
        <source>frame {0} cannot be decoded</source>
        <translation>Bild {0} lässt sich nicht dekodieren</translation>
    </message>
    <message>
        <source>free some space</source>
        <translation>Platz schaffen</translation>
    </message>
    <message>
        <source>give (H, W), (H, W, 3), (T, H, W) or (T, H, W, 3)</source>
        <translation>(H, W), (H, W, 3), (T, H, W) oder (T, H, W, 3) angeben</translation>
    </message>
    <message>
        <source>give 0.5, or 1 for all</source>
        <translation>0.5 angeben, oder 1 für alle</translation>
    </message>
    <message>
        <source>give [x, y] pairs</source>
        <translation>Paare [x, y] angeben</translation>
    </message>
    <message>
        <source>give a box or shape inside it</source>
        <translation>ein Rechteck oder eine Form darin angeben</translation>
    </message>
    <message>
        <source>give a folder with PNG, JPEG, BMP, TIFF or DICOM files in it</source>
        <translation>einen Ordner mit PNG-, JPEG-, BMP-, TIFF- oder DICOM-Dateien angeben</translation>
    </message>
    <message>
        <source>give a folder with ultrasound images in it</source>
        <translation>einen Ordner mit Ultraschallbildern angeben</translation>
    </message>
    <message>
        <source>give a number above 0</source>
        <translation>eine Zahl über 0 angeben</translation>
    </message>
    <message>
        <source>give a video, DICOM or image file</source>
        <translation>eine Video-, DICOM- oder Bilddatei angeben</translation>
    </message>
    <message>
        <source>give about {0} pictures like these, or choose fewer dimensions</source>
        <translation>etwa {0} Bilder wie diese angeben oder weniger Dimensionen wählen</translation>
    </message>
    <message>
        <source>give an array of height, width and frames</source>
        <translation>ein Feld aus Höhe, Breite und Bildern angeben</translation>
    </message>
    <message>
        <source>give an ultrasound image or cine loop</source>
        <translation>ein Ultraschallbild oder eine Bildfolge angeben</translation>
    </message>
    <message>
        <source>give blocks from 1 to {0}</source>
        <translation>Blöcke von 1 bis {0} angeben</translation>
    </message>
    <message>
        <source>give both</source>
        <translation>beides angeben</translation>
    </message>
    <message>
        <source>give four [x, y] pairs</source>
        <translation>vier Paare [x, y] angeben</translation>
    </message>
    <message>
        <source>give frames a second, above 0</source>
        <translation>Bilder pro Sekunde angeben, über 0</translation>
    </message>
    <message>
        <source>give height, width, frames</source>
        <translation>Höhe, Breite, Bilder angeben</translation>
    </message>
    <message>
        <source>give it a file or another program as its output</source>
        <translation>eine Datei oder ein anderes Programm als Ausgabe angeben</translation>
    </message>
    <message>
        <source>give numbers above 0</source>
        <translation>Zahlen über 0 angeben</translation>
    </message>
    <message>
        <source>give other patterns</source>
        <translation>andere Muster angeben</translation>
    </message>
    <message>
        <source>give others</source>
        <translation>andere angeben</translation>
    </message>
    <message>
        <source>give pictures of one size</source>
        <translation>Bilder gleicher Größe angeben</translation>
    </message>
    <message>
        <source>give the video itself</source>
        <translation>das Video selbst angeben</translation>
    </message>
    <message>
        <source>give uint8 arrays (H, W) or (H, W, 3)</source>
        <translation>uint8-Felder (H, W) oder (H, W, 3) angeben</translation>
    </message>
    <message>
        <source>give {0} or more</source>
        <translation>{0} oder mehr angeben</translation>
    </message>
    <message>
        <source>gives NaN</source>
        <translation>liefert NaN</translation>
    </message>
    <message>
        <source>has a {0}, which may never end</source>
        <translation>hat ein {0}, das vielleicht nie endet</translation>
    </message>
    <message>
        <source>has ended</source>
        <translation>ist beendet</translation>
    </message>
    <message>
        <source>has graphs in graphs without end</source>
        <translation>hat endlos ineinander geschachtelte Graphen</translation>
    </message>
    <message>
        <source>has more than {0} rows</source>
        <translation>hat mehr als {0} Zeilen</translation>
    </message>
    <message>
        <source>has neither [nrq] nor [map]</source>
        <translation>hat weder [nrq] noch [map]</translation>
    </message>
    <message>
        <source>has no ending of a table</source>
        <translation>hat nicht die Endung einer Tabelle</translation>
    </message>
    <message>
        <source>has no ending of an export</source>
        <translation>hat nicht die Endung eines Exports</translation>
    </message>
    <message>
        <source>has no frames</source>
        <translation>hat keine Bilder</translation>
    </message>
    <message>
        <source>has no precision {0!s}</source>
        <translation>kennt keine Genauigkeit {0!s}</translation>
    </message>
    <message>
        <source>has no precision {0}</source>
        <translation>kennt keine Genauigkeit {0}</translation>
    </message>
    <message>
        <source>has no target {0}</source>
        <translation>hat kein Ziel {0}</translation>
    </message>
    <message>
        <source>has no vision transformer ({0} is missing; it holds {1} tensors: {2}, ...)</source>
        <translation>hat keinen Vision Transformer ({0} fehlt; enthält {1} Tensoren: {2}, ...)</translation>
    </message>
    <message>
        <source>has none of the columns of such a table</source>
        <translation>hat keine der Spalten einer solchen Tabelle</translation>
    </message>
    <message>
        <source>has the encoding {0}</source>
        <translation>hat die Kodierung {0}</translation>
    </message>
    <message>
        <source>has the shape {0}, expected {1}</source>
        <translation>hat die Form {0}, erwartet {1}</translation>
    </message>
    <message>
        <source>has tokens {0} wide and {1} positions, expected one of {2!s}</source>
        <translation>hat Token der Breite {0} und {1} Positionen, erwartet eines von {2!s}</translation>
    </message>
    <message>
        <source>has too many lines</source>
        <translation>hat zu viele Zeilen</translation>
    </message>
    <message>
        <source>has {0:s} GB of compressed pictures</source>
        <translation>hat {0:s} GB komprimierter Bilder</translation>
    </message>
    <message>
        <source>has {0} frames, its reference {1}</source>
        <translation>hat {0} Bilder, die Referenz {1}</translation>
    </message>
    <message>
        <source>has {0} frames, {1} one</source>
        <translation>hat {0} Bilder, {1} eines</translation>
    </message>
    <message>
        <source>head {0} is unknown</source>
        <translation>Kopf {0} ist unbekannt</translation>
    </message>
    <message>
        <source>holds NaN or infinity</source>
        <translation>enthält NaN oder Unendlich</translation>
    </message>
    <message>
        <source>holds NaN or infinity in {0}</source>
        <translation>enthält NaN oder Unendlich in {0}</translation>
    </message>
    <message>
        <source>holds a chunk that is too large</source>
        <translation>enthält einen zu großen Abschnitt</translation>
    </message>
    <message>
        <source>holds a row that makes no sense ({0!s})</source>
        <translation>enthält eine sinnlose Zeile ({0!s})</translation>
    </message>
    <message>
        <source>holds an unfinished run with other settings</source>
        <translation>enthält einen unfertigen Lauf mit anderen Einstellungen</translation>
    </message>
    <message>
        <source>holds code ({0}), which is not run</source>
        <translation>enthält Programmcode ({0}), der nicht ausgeführt wird</translation>
    </message>
    <message>
        <source>holds more than {0} DICOM files</source>
        <translation>enthält mehr als {0} DICOM-Dateien</translation>
    </message>
    <message>
        <source>holds no array that could be pictures</source>
        <translation>enthält kein Feld, das Bilder sein könnten</translation>
    </message>
    <message>
        <source>holds no dictionary of weights</source>
        <translation>enthält kein Verzeichnis von Gewichten</translation>
    </message>
    <message>
        <source>holds no file with the name of one in the other folder</source>
        <translation>enthält keine Datei mit dem Namen einer Datei im anderen Ordner</translation>
    </message>
    <message>
        <source>holds no finite mean and positive deviation</source>
        <translation>enthält keinen endlichen Mittelwert mit positiver Abweichung</translation>
    </message>
    <message>
        <source>holds no frame that can be decoded</source>
        <translation>enthält kein Bild, das sich dekodieren lässt</translation>
    </message>
    <message>
        <source>holds no network {0}</source>
        <translation>enthält kein Netz {0}</translation>
    </message>
    <message>
        <source>holds no picture</source>
        <translation>enthält kein Bild</translation>
    </message>
    <message>
        <source>holds no picture but the reference</source>
        <translation>enthält kein Bild außer der Referenz</translation>
    </message>
    <message>
        <source>holds no pictures and no cine loops</source>
        <translation>enthält keine Bilder und keine Bildfolgen</translation>
    </message>
    <message>
        <source>holds no video</source>
        <translation>enthält kein Video</translation>
    </message>
    <message>
        <source>holds no weights</source>
        <translation>enthält keine Gewichte</translation>
    </message>
    <message>
        <source>holds nothing yet</source>
        <translation>enthält noch nichts</translation>
    </message>
    <message>
        <source>holds samples of type {0}</source>
        <translation>enthält Werte der Art {0}</translation>
    </message>
    <message>
        <source>holds samples of type {0}, which are no picture</source>
        <translation>enthält Werte der Art {0}, die kein Bild sind</translation>
    </message>
    <message>
        <source>holds samples that are no gray levels</source>
        <translation>enthält Werte, die keine Graustufen sind</translation>
    </message>
    <message>
        <source>holds samples that are no number</source>
        <translation>enthält Werte, die keine Zahl sind</translation>
    </message>
    <message>
        <source>holds scores but no pictures</source>
        <translation>enthält Bewertungen, aber keine Bilder</translation>
    </message>
    <message>
        <source>holds what is no heatmap</source>
        <translation>enthält etwas, das keine Wärmekarte ist</translation>
    </message>
    <message>
        <source>holds {0} networks ({1!s})</source>
        <translation>enthält {0} Netze ({1!s})</translation>
    </message>
    <message>
        <source>holds {0} of shape {1}, no pictures</source>
        <translation>enthält {0} der Form {1}, keine Bilder</translation>
    </message>
    <message>
        <source>holds {0}, not numbers</source>
        <translation>enthält {0}, keine Zahlen</translation>
    </message>
    <message>
        <source>if you trust it, save its weights alone: python -c {0}</source>
        <translation>wenn sie vertrauenswürdig ist, nur ihre Gewichte speichern: python -c {0}</translation>
    </message>
    <message>
        <source>if you trust it, save them alone: python -c {0}</source>
        <translation>wenn sie vertrauenswürdig ist, nur die Gewichte speichern: python -c {0}</translation>
    </message>
    <message>
        <source>install cuda-python</source>
        <translation>cuda-python installieren</translation>
    </message>
    <message>
        <source>install it (Ubuntu: sudo ubuntu-drivers install)</source>
        <translation>ihn installieren (Ubuntu: sudo ubuntu-drivers install)</translation>
    </message>
    <message>
        <source>install one, or use --backend onnxruntime</source>
        <translation>einen installieren oder --backend onnxruntime verwenden</translation>
    </message>
    <message>
        <source>install pydicom again</source>
        <translation>pydicom neu installieren</translation>
    </message>
    <message>
        <source>install the GPU&apos;s Vulkan driver and libvulkan1, or another --backend</source>
        <translation>den Vulkan-Treiber der GPU und libvulkan1 installieren oder ein anderes --backend verwenden</translation>
    </message>
    <message>
        <source>is High-Throughput JPEG 2000</source>
        <translation>ist High-Throughput JPEG 2000</translation>
    </message>
    <message>
        <source>is a JPEG of {0} bits a sample, which is read in DICOM alone</source>
        <translation>ist ein JPEG mit {0} Bit je Abtastwert, das nur in DICOM gelesen wird</translation>
    </message>
    <message>
        <source>is a file of holes (sparse)</source>
        <translation>ist eine Datei aus Lücken (sparse)</translation>
    </message>
    <message>
        <source>is a list of other files, which are not opened</source>
        <translation>ist eine Liste anderer Dateien, die nicht geöffnet werden</translation>
    </message>
    <message>
        <source>is a pickle of a form that is not read</source>
        <translation>ist kein lesbares Pickle</translation>
    </message>
    <message>
        <source>is coded, and its {0} bits do not begin at the lowest</source>
        <translation>ist codiert und seine {0} Bit beginnen nicht beim niedrigsten</translation>
    </message>
    <message>
        <source>is cut off</source>
        <translation>ist abgeschnitten</translation>
    </message>
    <message>
        <source>is cut off or damaged</source>
        <translation>ist abgeschnitten oder beschädigt</translation>
    </message>
    <message>
        <source>is damaged (checksum of {0})</source>
        <translation>ist beschädigt (Prüfsumme von {0})</translation>
    </message>
    <message>
        <source>is damaged, or no table of this kind ({0})</source>
        <translation>ist beschädigt oder keine solche Tabelle ({0})</translation>
    </message>
    <message>
        <source>is damaged, or of a newer scanmon ({0})</source>
        <translation>ist beschädigt oder von einem neueren scanmon ({0})</translation>
    </message>
    <message>
        <source>is larger than such a file ever is</source>
        <translation>ist größer, als eine solche Datei je ist</translation>
    </message>
    <message>
        <source>is lost (no answer)</source>
        <translation>Verbindung verloren (keine Antwort)</translation>
    </message>
    <message>
        <source>is lost ({0!s})</source>
        <translation>Verbindung verloren ({0!s})</translation>
    </message>
    <message>
        <source>is lost ({0})</source>
        <translation>Verbindung verloren ({0})</translation>
    </message>
    <message>
        <source>is missing</source>
        <translation>fehlt</translation>
    </message>
    <message>
        <source>is missing (and D, its published name, too)</source>
        <translation>fehlt (und D, sein veröffentlichter Name, auch)</translation>
    </message>
    <message>
        <source>is neither a file nor a folder</source>
        <translation>ist weder Datei noch Ordner</translation>
    </message>
    <message>
        <source>is no Parquet table, or is damaged at its end</source>
        <translation>ist keine Parquet-Tabelle oder am Ende beschädigt</translation>
    </message>
    <message>
        <source>is no file that a bundle holds</source>
        <translation>ist keine Datei, wie ein Bündel sie enthält</translation>
    </message>
    <message>
        <source>is no plain file</source>
        <translation>ist keine gewöhnliche Datei</translation>
    </message>
    <message>
        <source>is no recorded session</source>
        <translation>ist keine aufgezeichnete Sitzung</translation>
    </message>
    <message>
        <source>is no unfinished run of this version</source>
        <translation>ist kein unfertiger Lauf dieser Version</translation>
    </message>
    <message>
        <source>is not a DICOM file</source>
        <translation>ist keine DICOM-Datei</translation>
    </message>
    <message>
        <source>is not a MetaImage that is read ({0!s})</source>
        <translation>ist kein lesbares MetaImage ({0!s})</translation>
    </message>
    <message>
        <source>is not a NIfTI file that is read ({0})</source>
        <translation>ist keine lesbare NIfTI-Datei ({0})</translation>
    </message>
    <message>
        <source>is not a NRRD file that is read ({0})</source>
        <translation>ist keine lesbare NRRD-Datei ({0})</translation>
    </message>
    <message>
        <source>is not a PNG, JPEG, JPEG 2000, BMP, WebP, PNM or TIFF picture</source>
        <translation>ist kein Bild in PNG, JPEG, JPEG 2000, BMP, WebP, PNM oder TIFF</translation>
    </message>
    <message>
        <source>is not a capture device</source>
        <translation>ist kein Aufnahmegerät</translation>
    </message>
    <message>
        <source>is not a complete {0} ({1} of {2} tensors): {3!s}</source>
        <translation>ist kein vollständiges {0} ({1} von {2} Tensoren): {3!s}</translation>
    </message>
    <message>
        <source>is not a complete {0} ({1} of {2} tensors): {3!s}; and {4} more</source>
        <translation>ist kein vollständiges {0} ({1} von {2} Tensoren): {3!s}; und {4} weitere</translation>
    </message>
    <message>
        <source>is not a file</source>
        <translation>ist keine Datei</translation>
    </message>
    <message>
        <source>is not a folder</source>
        <translation>ist kein Ordner</translation>
    </message>
    <message>
        <source>is not a live source</source>
        <translation>ist keine Live-Quelle</translation>
    </message>
    <message>
        <source>is not a mean and a deviation</source>
        <translation>ist nicht Mittelwert und Abweichung</translation>
    </message>
    <message>
        <source>is not a part of the screen</source>
        <translation>ist kein Teil des Bildschirms</translation>
    </message>
    <message>
        <source>is not a plan of scanmon</source>
        <translation>ist kein Plan von scanmon</translation>
    </message>
    <message>
        <source>is not a readable checkpoint (damaged archive)</source>
        <translation>ist kein lesbarer Checkpoint (beschädigtes Archiv)</translation>
    </message>
    <message>
        <source>is not a readable checkpoint ({0})</source>
        <translation>ist kein lesbarer Checkpoint ({0})</translation>
    </message>
    <message>
        <source>is not a readable safetensors file ({0})</source>
        <translation>ist keine lesbare safetensors-Datei ({0})</translation>
    </message>
    <message>
        <source>is not a sequence of pictures</source>
        <translation>ist keine Folge von Bildern</translation>
    </message>
    <message>
        <source>is not an OpenIGTLink server</source>
        <translation>ist kein OpenIGTLink-Server</translation>
    </message>
    <message>
        <source>is not an address</source>
        <translation>ist keine Adresse</translation>
    </message>
    <message>
        <source>is not one number</source>
        <translation>ist keine einzelne Zahl</translation>
    </message>
    <message>
        <source>is not positive everywhere</source>
        <translation>ist nicht überall positiv</translation>
    </message>
    <message>
        <source>is not readable as a list of known pictures (a member is no array)</source>
        <translation>ist nicht lesbar als Liste bekannter Bilder (ein Teil ist kein Feld)</translation>
    </message>
    <message>
        <source>is not readable as a list of known pictures ({0})</source>
        <translation>ist nicht lesbar als Liste bekannter Bilder ({0})</translation>
    </message>
    <message>
        <source>is not readable as a reference set (a member is no array)</source>
        <translation>ist nicht lesbar als Referenzsatz (ein Teil ist kein Feld)</translation>
    </message>
    <message>
        <source>is not readable as a reference set ({0})</source>
        <translation>ist nicht lesbar als Referenzsatz ({0})</translation>
    </message>
    <message>
        <source>is not readable as an organ model (a member is no array)</source>
        <translation>ist nicht lesbar als Organmodell (ein Teil ist kein Feld)</translation>
    </message>
    <message>
        <source>is not readable as an organ model ({0})</source>
        <translation>ist nicht lesbar als Organmodell ({0})</translation>
    </message>
    <message>
        <source>is not recorded material</source>
        <translation>ist kein aufgezeichnetes Material</translation>
    </message>
    <message>
        <source>is not valid TOML ({0!s})</source>
        <translation>ist kein gültiges TOML ({0!s})</translation>
    </message>
    <message>
        <source>is silent</source>
        <translation>sendet nichts</translation>
    </message>
    <message>
        <source>is text</source>
        <translation>ist ein Text</translation>
    </message>
    <message>
        <source>is the file of something else</source>
        <translation>gehört zu etwas anderem</translation>
    </message>
    <message>
        <source>is the server on?</source>
        <translation>ist der Server eingeschaltet?</translation>
    </message>
    <message>
        <source>is there a display?</source>
        <translation>gibt es einen Bildschirm?</translation>
    </message>
    <message>
        <source>is too large to be a checkpoint</source>
        <translation>ist zu groß für einen Checkpoint</translation>
    </message>
    <message>
        <source>is too large to be an organ model</source>
        <translation>ist zu groß für ein Organmodell</translation>
    </message>
    <message>
        <source>is too large: 1 MiB is allowed</source>
        <translation>ist zu groß: 1 MiB ist erlaubt</translation>
    </message>
    <message>
        <source>is {0:s} GB of compressed data, and checkpoints are not compressed</source>
        <translation>sind {0:s} GB komprimierter Daten, und Checkpoints sind nicht komprimiert</translation>
    </message>
    <message>
        <source>is {0} px, its reference {1}</source>
        <translation>hat {0} px, die Referenz {1}</translation>
    </message>
    <message>
        <source>is {0}, which scanmon does not take</source>
        <translation>ist {0}, was scanmon nicht nimmt</translation>
    </message>
    <message>
        <source>it does not agree and was removed ({0!s})</source>
        <translation>der Rechenkern stimmt nicht überein und wurde entfernt ({0!s})</translation>
    </message>
    <message>
        <source>it has ended</source>
        <translation>sie ist beendet</translation>
    </message>
    <message>
        <source>it has {0}x{1}</source>
        <translation>er hat {0}x{1}</translation>
    </message>
    <message>
        <source>it is damaged, or made to do harm; export it again</source>
        <translation>beschädigt oder böswillig verändert; noch einmal exportieren</translation>
    </message>
    <message>
        <source>it is no picture of a scanner</source>
        <translation>sie ist kein Bild eines Ultraschallgeräts</translation>
    </message>
    <message>
        <source>it was set aside as {0}, and the settings start anew</source>
        <translation>sie wurde als {0} beiseitegelegt, und die Einstellungen beginnen neu</translation>
    </message>
    <message>
        <source>its arrays do not fit together</source>
        <translation>die Felder passen nicht zueinander</translation>
    </message>
    <message>
        <source>its frames are numbered wrongly</source>
        <translation>die Bilder sind falsch nummeriert</translation>
    </message>
    <message>
        <source>its pictures are numbered wrongly</source>
        <translation>die Bilder sind falsch nummeriert</translation>
    </message>
    <message>
        <source>its times do not grow</source>
        <translation>die Zeiten wachsen nicht</translation>
    </message>
    <message>
        <source>its {0} are numbered wrongly</source>
        <translation>falsch nummeriert: {0}</translation>
    </message>
    <message>
        <source>keeps its data elsewhere</source>
        <translation>hält die Daten in einer anderen Datei</translation>
    </message>
    <message>
        <source>keeps weights in another file (external data), which is not opened</source>
        <translation>hält Gewichte in einer anderen Datei (external data), die nicht geöffnet wird</translation>
    </message>
    <message>
        <source>key `{0}` needs {1} numbers</source>
        <translation>Schlüssel `{0}` braucht {1} Zahlen</translation>
    </message>
    <message>
        <source>key `{0}` needs {1} to {2} [x, y] pairs</source>
        <translation>Schlüssel `{0}` braucht {1} bis {2} Paare [x, y]</translation>
    </message>
    <message>
        <source>key radius does not belong to bank, or is not positive</source>
        <translation>Schlüssel radius gehört nicht zu bank oder ist nicht positiv</translation>
    </message>
    <message>
        <source>key {0} holds NaN or infinity</source>
        <translation>Schlüssel {0} enthält NaN oder Unendlich</translation>
    </message>
    <message>
        <source>key {0} is missing</source>
        <translation>Schlüssel {0} fehlt</translation>
    </message>
    <message>
        <source>key {0} is missing or has a wrong shape</source>
        <translation>Schlüssel {0} fehlt oder hat die falsche Form</translation>
    </message>
    <message>
        <source>key {0} {1!s}</source>
        <translation>Schlüssel {0} {1!s}</translation>
    </message>
    <message>
        <source>kind = &quot;box&quot;, box = [x, y, width, height]</source>
        <translation>kind = &quot;box&quot;, box = [x, y, Breite, Höhe]</translation>
    </message>
    <message>
        <source>kind = &quot;box&quot;, box = [x, y, width, height]; or kind = &quot;slanted&quot;, corners = [[x, y], [x, y], [x, y], [x, y]] clockwise from the top left; or kind = &quot;outline&quot;, points = [[x, y], [x, y], [x, y], ...]; or kind = &quot;sector&quot;, apex = [x, y], radius = [inner, outer], angles_deg = [left, right]</source>
        <translation>kind = &quot;box&quot;, box = [x, y, Breite, Höhe]; oder kind = &quot;slanted&quot;, corners = [[x, y], [x, y], [x, y], [x, y]] im Uhrzeigersinn von links oben; oder kind = &quot;outline&quot;, points = [[x, y], [x, y], [x, y], ...]; oder kind = &quot;sector&quot;, apex = [x, y], radius = [innen, außen], angles_deg = [links, rechts]</translation>
    </message>
    <message>
        <source>kind = &quot;outline&quot;, points = [[x, y], [x, y], [x, y], ...]</source>
        <translation>kind = &quot;outline&quot;, points = [[x, y], [x, y], [x, y], ...]</translation>
    </message>
    <message>
        <source>kind = &quot;sector&quot;, apex = [x, y], radius = [inner, outer], angles_deg = [left, right]</source>
        <translation>kind = &quot;sector&quot;, apex = [x, y], radius = [innen, außen], angles_deg = [links, rechts]</translation>
    </message>
    <message>
        <source>kind = &quot;slanted&quot;, corners = [[x, y], [x, y], [x, y], [x, y]] clockwise from the top left</source>
        <translation>kind = &quot;slanted&quot;, corners = [[x, y], [x, y], [x, y], [x, y]] im Uhrzeigersinn von links oben</translation>
    </message>
    <message>
        <source>known are {0}</source>
        <translation>bekannt sind {0}</translation>
    </message>
    <message>
        <source>knows fewer than {0} pictures</source>
        <translation>kennt weniger als {0} Bilder</translation>
    </message>
    <message>
        <source>knows pictures by {0} features, the organ models by {1}</source>
        <translation>kennt Bilder an {0} Merkmalen, die Organmodelle an {1}</translation>
    </message>
    <message>
        <source>lacks {0}</source>
        <translation>{0} fehlt</translation>
    </message>
    <message>
        <source>layers must be growing block numbers from 1 on</source>
        <translation>layers müssen wachsende Blocknummern ab 1 sein</translation>
    </message>
    <message>
        <source>leave out --network</source>
        <translation>--network weglassen</translation>
    </message>
    <message>
        <source>leave out --target</source>
        <translation>--target weglassen</translation>
    </message>
    <message>
        <source>leave out that precision</source>
        <translation>diese Genauigkeit weglassen</translation>
    </message>
    <message>
        <source>let a gateway turn it into udp:// or rtsp://</source>
        <translation>ein Gateway in udp:// oder rtsp:// umwandeln lassen</translation>
    </message>
    <message>
        <source>loading PyTorch</source>
        <translation>PyTorch wird geladen</translation>
    </message>
    <message>
        <source>log-likelihood {0:s}</source>
        <translation>Log-Likelihood {0:s}</translation>
    </message>
    <message>
        <source>look whether it is whole</source>
        <translation>sehen Sie nach, ob es ganz ist</translation>
    </message>
    <message>
        <source>make it larger</source>
        <translation>größer machen</translation>
    </message>
    <message>
        <source>makes a tensor of {0} ({1})</source>
        <translation>erzeugt einen Tensor von {0} ({1})</translation>
    </message>
    <message>
        <source>map, {0} {1}: gives {2} or NaN</source>
        <translation>Karte, {0} {1}: liefert {2} oder NaN</translation>
    </message>
    <message>
        <source>map, {0} {1}: runs, {2:s} ms for {3} x {4} px</source>
        <translation>Karte, {0} {1}: läuft, {2:s} ms für {3} x {4} px</translation>
    </message>
    <message>
        <source>map: {0!s}</source>
        <translation>Karte: {0!s}</translation>
    </message>
    <message>
        <source>measuring the ranges for int8</source>
        <translation>die Wertebereiche für int8 werden gemessen</translation>
    </message>
    <message>
        <source>mend or remove it</source>
        <translation>berichtigen oder entfernen</translation>
    </message>
    <message>
        <source>more different texts than scores have</source>
        <translation>mehr verschiedene Texte, als Bewertungen haben</translation>
    </message>
    <message>
        <source>name a complete TinyUSFM, USFM or ViT-B/16 checkpoint (.pth, .safetensors)</source>
        <translation>einen vollständigen Checkpoint von TinyUSFM, USFM oder ViT-B/16 angeben (.pth, .safetensors)</translation>
    </message>
    <message>
        <source>name a file</source>
        <translation>eine Datei angeben</translation>
    </message>
    <message>
        <source>name a folder that you may write</source>
        <translation>einen Ordner mit Schreibrecht angeben</translation>
    </message>
    <message>
        <source>name a folder with bundle.toml</source>
        <translation>einen Ordner mit bundle.toml angeben</translation>
    </message>
    <message>
        <source>name a folder with bundle.toml, or default</source>
        <translation>einen Ordner mit bundle.toml oder default angeben</translation>
    </message>
    <message>
        <source>name a folder with images or videos</source>
        <translation>einen Ordner mit Bildern oder Videos angeben</translation>
    </message>
    <message>
        <source>name a folder with one folder for each organ</source>
        <translation>einen Ordner mit je einem Ordner pro Organ angeben</translation>
    </message>
    <message>
        <source>name a folder with others</source>
        <translation>einen Ordner mit weiteren angeben</translation>
    </message>
    <message>
        <source>name a folder with {0}</source>
        <translation>einen Ordner mit {0} angeben</translation>
    </message>
    <message>
        <source>name a folder, or one reference</source>
        <translation>einen Ordner oder eine einzelne Referenz angeben</translation>
    </message>
    <message>
        <source>name a new folder</source>
        <translation>einen neuen Ordner angeben</translation>
    </message>
    <message>
        <source>name a new one</source>
        <translation>einen neuen angeben</translation>
    </message>
    <message>
        <source>name another checkpoint</source>
        <translation>anderen Checkpoint angeben</translation>
    </message>
    <message>
        <source>name another file</source>
        <translation>andere Datei angeben</translation>
    </message>
    <message>
        <source>name another file, or delete this one if it is not needed</source>
        <translation>andere Datei angeben oder diese löschen, wenn sie nicht gebraucht wird</translation>
    </message>
    <message>
        <source>name one of its devices, or none</source>
        <translation>eines der Geräte oder keines angeben</translation>
    </message>
    <message>
        <source>name one picture as the reference</source>
        <translation>nennen Sie ein einzelnes Bild als Referenz</translation>
    </message>
    <message>
        <source>name one series, or use scanmon score</source>
        <translation>eine Serie angeben oder scanmon score verwenden</translation>
    </message>
    <message>
        <source>name the folder that holds them</source>
        <translation>den Ordner angeben, der sie enthält</translation>
    </message>
    <message>
        <source>name the one that is meant with --network</source>
        <translation>das gemeinte mit --network angeben</translation>
    </message>
    <message>
        <source>name the state dict of torchvision&apos;s vgg16 (.pth, features.0.weight to features.28.bias)</source>
        <translation>das state dict von torchvisions vgg16 angeben (.pth, features.0.weight bis features.28.bias)</translation>
    </message>
    <message>
        <source>name the state dict of torchvision&apos;s vgg16 (.pth, features.0.weight to features.28.bias), or use ulpips</source>
        <translation>das state dict von torchvisions vgg16 angeben (.pth, features.0.weight bis features.28.bias) oder ulpips verwenden</translation>
    </message>
    <message>
        <source>names a file outside the bundle: {0}</source>
        <translation>nennt eine Datei außerhalb des Bündels: {0}</translation>
    </message>
    <message>
        <source>names another computer ({0})</source>
        <translation>nennt einen anderen Rechner ({0})</translation>
    </message>
    <message>
        <source>needs about {0:s} MB where {1:s} MB are free</source>
        <translation>braucht etwa {0:s} MB, wo {1:s} MB frei sind</translation>
    </message>
    <message>
        <source>needs the library safetensors</source>
        <translation>braucht die Bibliothek safetensors</translation>
    </message>
    <message>
        <source>needs the library {0}</source>
        <translation>braucht die Bibliothek {0}</translation>
    </message>
    <message>
        <source>needs the operator {0} of {1}, which no runtime brings</source>
        <translation>braucht den Operator {0} aus {1}, den kein Rechenkern mitbringt</translation>
    </message>
    <message>
        <source>neither cuda-python 12.9.1 or later nor pycuda is installed</source>
        <translation>weder cuda-python ab 12.9.1 noch pycuda ist installiert</translation>
    </message>
    <message>
        <source>no NVIDIA driver: nrq runs on the processor and refreshes less often</source>
        <translation>kein NVIDIA-Treiber: nrq läuft auf dem Prozessor und wird seltener aktualisiert</translation>
    </message>
    <message>
        <source>no engine bundle here</source>
        <translation>hier ist kein Bündel</translation>
    </message>
    <message>
        <source>no engine is left</source>
        <translation>kein Rechenkern ist übrig</translation>
    </message>
    <message>
        <source>no engine of this bundle agrees here, so none was chosen</source>
        <translation>kein Rechenkern dieses Bündels stimmt hier überein, deshalb wurde keiner gewählt</translation>
    </message>
    <message>
        <source>no frame was seen</source>
        <translation>es kam kein Bild</translation>
    </message>
    <message>
        <source>no frames of a cine loop</source>
        <translation>keine Bilder einer Bildfolge</translation>
    </message>
    <message>
        <source>no frames of the same time</source>
        <translation>keine Bilder zur gleichen Zeit</translation>
    </message>
    <message>
        <source>no organ models (.npz) here</source>
        <translation>hier sind keine Organmodelle (.npz)</translation>
    </message>
    <message>
        <source>no organ models: make some with scanmon fit, nrq gives no score without</source>
        <translation>keine Organmodelle: mit scanmon fit anlegen, ohne sie gibt nrq keine Bewertung</translation>
    </message>
    <message>
        <source>no pipe</source>
        <translation>keine Verbindung</translation>
    </message>
    <message>
        <source>no plan of this network for {0} {1} was compiled on this machine</source>
        <translation>auf diesem Rechner wurde kein Plan dieses Netzes für {0} {1} übersetzt</translation>
    </message>
    <message>
        <source>no prefix</source>
        <translation>kein Präfix</translation>
    </message>
    <message>
        <source>no region was recorded for frame {0}</source>
        <translation>für Bild {0} wurde kein Bereich aufgezeichnet</translation>
    </message>
    <message>
        <source>no size</source>
        <translation>keine Größe</translation>
    </message>
    <message>
        <source>no such bundle</source>
        <translation>kein solches Bündel</translation>
    </message>
    <message>
        <source>no such organ model</source>
        <translation>kein solches Organmodell</translation>
    </message>
    <message>
        <source>no ultrasound image was found in this picture, and the whole of it may show a name</source>
        <translation>in diesem Bild wurde kein Ultraschallbild gefunden, und das ganze Bild könnte einen Namen zeigen</translation>
    </message>
    <message>
        <source>none of the pictures can be read</source>
        <translation>keines der Bilder lässt sich lesen</translation>
    </message>
    <message>
        <source>none of {0} files can be read</source>
        <translation>keine von {0} Dateien lässt sich lesen</translation>
    </message>
    <message>
        <source>not a region</source>
        <translation>kein Bereich</translation>
    </message>
    <message>
        <source>not calibrated: the window shows the raw score and the worst region, but no quality, word or heatmap; run scanmon calibrate with 20 accepted pictures</source>
        <translation>nicht kalibriert: Das Fenster zeigt den rohen Wert und die schlechteste Stelle, aber weder Qualität noch Wort noch Wärmekarte; scanmon calibrate mit 20 akzeptierten Bildern aufrufen</translation>
    </message>
    <message>
        <source>not enough memory</source>
        <translation>zu wenig Arbeitsspeicher</translation>
    </message>
    <message>
        <source>nothing is open</source>
        <translation>nichts ist geöffnet</translation>
    </message>
    <message>
        <source>one of {0}</source>
        <translation>eines von {0}</translation>
    </message>
    <message>
        <source>only {0} MB are free</source>
        <translation>nur {0} MB sind frei</translation>
    </message>
    <message>
        <source>onnxruntime was installed over onnxruntime-gpu {0}</source>
        <translation>onnxruntime wurde über onnxruntime-gpu {0} installiert</translation>
    </message>
    <message>
        <source>onnxruntime {0} and onnxruntime-gpu {1} share their files</source>
        <translation>onnxruntime {0} und onnxruntime-gpu {1} teilen sich ihre Dateien</translation>
    </message>
    <message>
        <source>open it in a browser: it may be a page, or want a login</source>
        <translation>im Browser öffnen: es kann eine Seite sein oder eine Anmeldung verlangen</translation>
    </message>
    <message>
        <source>order {0:s}, verdicts changed {1:s}</source>
        <translation>Reihenfolge {0:s}, geänderte Urteile {1:s}</translation>
    </message>
    <message>
        <source>organ model {0} has no statistics of clean pictures</source>
        <translation>Organmodell {0} hat keine Statistik sauberer Bilder</translation>
    </message>
    <message>
        <source>pair by number</source>
        <translation>nach Nummer zuordnen</translation>
    </message>
    <message>
        <source>pair by time</source>
        <translation>nach Zeit zuordnen</translation>
    </message>
    <message>
        <source>passed over: {0!s}</source>
        <translation>übergangen: {0!s}</translation>
    </message>
    <message>
        <source>patch and stride must be positive</source>
        <translation>patch und stride müssen positiv sein</translation>
    </message>
    <message>
        <source>picture cannot be saved ({0!s})</source>
        <translation>Bild lässt sich nicht speichern ({0!s})</translation>
    </message>
    <message>
        <source>picture of the window cannot be written</source>
        <translation>Bild des Fensters lässt sich nicht schreiben</translation>
    </message>
    <message>
        <source>picture {0} is an array of {1} with shape {2}</source>
        <translation>Bild {0} ist ein Feld aus {1} der Form {2}</translation>
    </message>
    <message>
        <source>pictures that are not there</source>
        <translation>Bilder, die nicht da sind</translation>
    </message>
    <message>
        <source>pip install &quot;scanmon[dicom]&quot;</source>
        <translation>pip install &quot;scanmon[dicom]&quot;</translation>
    </message>
    <message>
        <source>pip install &quot;scanmon[lpips]&quot;</source>
        <translation>pip install &quot;scanmon[lpips]&quot;</translation>
    </message>
    <message>
        <source>pip install &quot;scanmon[parquet]&quot;</source>
        <translation>pip install &quot;scanmon[parquet]&quot;</translation>
    </message>
    <message>
        <source>pip install &apos;cuda-python&gt;=12.9.1&apos;</source>
        <translation>pip install &apos;cuda-python&gt;=12.9.1&apos;</translation>
    </message>
    <message>
        <source>pip install &apos;scanmon[build]&apos;</source>
        <translation>pip install &apos;scanmon[build]&apos;</translation>
    </message>
    <message>
        <source>pip install &apos;scanmon[cuda]&apos;, or use --backend onnxruntime</source>
        <translation>pip install &apos;scanmon[cuda]&apos; oder --backend onnxruntime verwenden</translation>
    </message>
    <message>
        <source>pip install &apos;scanmon[htj2k]&apos;</source>
        <translation>pip install &apos;scanmon[htj2k]&apos;</translation>
    </message>
    <message>
        <source>pip install &apos;scanmon[igtl]&apos;</source>
        <translation>pip install &apos;scanmon[igtl]&apos;</translation>
    </message>
    <message>
        <source>pip install &apos;scanmon[openvino]&apos;</source>
        <translation>pip install &apos;scanmon[openvino]&apos;</translation>
    </message>
    <message>
        <source>pip install &apos;scanmon[site]&apos;</source>
        <translation>pip install &apos;scanmon[site]&apos;</translation>
    </message>
    <message>
        <source>pip install &apos;scanmon[webgpu]&apos;, or use --backend onnxruntime</source>
        <translation>pip install &apos;scanmon[webgpu]&apos; oder --backend onnxruntime verwenden</translation>
    </message>
    <message>
        <source>pip install &apos;scanmon[{0}]&apos;</source>
        <translation>pip install &apos;scanmon[{0}]&apos;</translation>
    </message>
    <message>
        <source>pip install {0}</source>
        <translation>pip install {0}</translation>
    </message>
    <message>
        <source>pixels normalised as {0}: mean {1}, std {2}</source>
        <translation>Pixel normiert wie {0}: Mittelwert {1}, Standardabweichung {2}</translation>
    </message>
    <message>
        <source>pixels of type {0} are not supported</source>
        <translation>Bildpunkte der Art {0} werden nicht unterstützt</translation>
    </message>
    <message>
        <source>plan for {0}, {1}: {2:s} MB, not run on this machine</source>
        <translation>Plan für {0}, {1}: {2:s} MB, auf diesem Rechner nicht ausgeführt</translation>
    </message>
    <message>
        <source>preparing {0} for a GPU</source>
        <translation>{0} wird für eine GPU vorbereitet</translation>
    </message>
    <message>
        <source>provisional scale, from the organ models alone: run scanmon calibrate with your own pictures</source>
        <translation>vorläufige Skala, allein aus den Organmodellen: scanmon calibrate mit eigenen Bildern aufrufen</translation>
    </message>
    <message>
        <source>python -m pip check says who wants it</source>
        <translation>python -m pip check sagt, wer sie braucht</translation>
    </message>
    <message>
        <source>python -m pip install &apos;onnxruntime-gpu[cuda,cudnn]&apos;</source>
        <translation>python -m pip install &apos;onnxruntime-gpu[cuda,cudnn]&apos;</translation>
    </message>
    <message>
        <source>python -m pip install &apos;scanmon[cuda]&apos;</source>
        <translation>python -m pip install &apos;scanmon[cuda]&apos;</translation>
    </message>
    <message>
        <source>python -m pip install &apos;scanmon[research]&apos;</source>
        <translation>python -m pip install &apos;scanmon[research]&apos;</translation>
    </message>
    <message>
        <source>python -m pip install --force-reinstall --no-deps onnxruntime-gpu=={0}</source>
        <translation>python -m pip install --force-reinstall --no-deps onnxruntime-gpu=={0}</translation>
    </message>
    <message>
        <source>quality lies between 0 and 100</source>
        <translation>Qualität liegt zwischen 0 und 100</translation>
    </message>
    <message>
        <source>raise the limit of open files (ulimit -n)</source>
        <translation>die Grenze offener Dateien anheben (ulimit -n)</translation>
    </message>
    <message>
        <source>rate_hz = {0} is no frame rate</source>
        <translation>rate_hz = {0} ist keine Bildrate</translation>
    </message>
    <message>
        <source>reaches over the edge of the screen</source>
        <translation>reicht über den Rand des Bildschirms</translation>
    </message>
    <message>
        <source>reading {0}</source>
        <translation>{0} wird gelesen</translation>
    </message>
    <message>
        <source>record a new one</source>
        <translation>eine neue aufzeichnen</translation>
    </message>
    <message>
        <source>record with the other codec</source>
        <translation>mit dem anderen Codec aufzeichnen</translation>
    </message>
    <message>
        <source>recording ended ({0!s})</source>
        <translation>Aufzeichnung beendet ({0!s})</translation>
    </message>
    <message>
        <source>recording ended ({0})</source>
        <translation>Aufzeichnung beendet ({0})</translation>
    </message>
    <message>
        <source>recording ended ({0}: {1!s})</source>
        <translation>Aufzeichnung beendet ({0}: {1!s})</translation>
    </message>
    <message>
        <source>recording ended, only {0} MB are free</source>
        <translation>Aufzeichnung beendet, nur {0} MB sind frei</translation>
    </message>
    <message>
        <source>recording ended, {0} has gone ({1!s})</source>
        <translation>Aufzeichnung beendet, {0} ist verschwunden ({1!s})</translation>
    </message>
    <message>
        <source>recording ended, {0} was replaced</source>
        <translation>Aufzeichnung beendet, {0} wurde ersetzt</translation>
    </message>
    <message>
        <source>recording to a network share (): it may be slow</source>
        <translation>Aufzeichnung auf ein Netzlaufwerk (): das kann langsam sein</translation>
    </message>
    <message>
        <source>recording to a network share (network drive): it may be slow</source>
        <translation>Aufzeichnung auf ein Netzlaufwerk: das kann langsam sein</translation>
    </message>
    <message>
        <source>recording to a network share (no WAL here): it may be slow</source>
        <translation>Aufzeichnung auf ein Netzlaufwerk (kein WAL hier): das kann langsam sein</translation>
    </message>
    <message>
        <source>recording to a network share ({0}): it may be slow</source>
        <translation>Aufzeichnung auf ein Netzlaufwerk ({0}): das kann langsam sein</translation>
    </message>
    <message>
        <source>rename the folder</source>
        <translation>den Ordner umbenennen</translation>
    </message>
    <message>
        <source>restart scanmon</source>
        <translation>starten Sie scanmon neu</translation>
    </message>
    <message>
        <source>restart scanmon to use it again, and the computer if it hangs once more</source>
        <translation>starten Sie scanmon neu, um die GPU wieder zu nutzen, und den Rechner, wenn sie noch einmal hängt</translation>
    </message>
    <message>
        <source>restore the bundle</source>
        <translation>das Bündel wiederherstellen</translation>
    </message>
    <message>
        <source>restore the bundle or build it again</source>
        <translation>das Bündel wiederherstellen oder neu bauen</translation>
    </message>
    <message>
        <source>restore the bundle or build it again with scanmon build</source>
        <translation>das Bündel wiederherstellen oder mit scanmon build neu bauen</translation>
    </message>
    <message>
        <source>restore the bundle, or make it again with scanmon calibrate</source>
        <translation>das Bündel wiederherstellen oder mit scanmon calibrate neu erstellen</translation>
    </message>
    <message>
        <source>run again with --debug</source>
        <translation>mit --debug noch einmal starten</translation>
    </message>
    <message>
        <source>run scanmon build BUNDLE --backend {0}</source>
        <translation>scanmon build BUNDLE --backend {0} ausführen</translation>
    </message>
    <message>
        <source>run scanmon build {0} --backend {1} --precision {2!s}</source>
        <translation>scanmon build {0} --backend {1} --precision {2!s} ausführen</translation>
    </message>
    <message>
        <source>run scanmon build {0} --backend {1} --precision {2}</source>
        <translation>scanmon build {0} --backend {1} --precision {2} ausführen</translation>
    </message>
    <message>
        <source>run scanmon calibrate</source>
        <translation>scanmon calibrate ausführen</translation>
    </message>
    <message>
        <source>run scanmon check</source>
        <translation>scanmon check ausführen</translation>
    </message>
    <message>
        <source>run scanmon check, or restore the bundle</source>
        <translation>scanmon check ausführen oder das Bündel wiederherstellen</translation>
    </message>
    <message>
        <source>running PyTorch on the reference pictures</source>
        <translation>PyTorch läuft über die Vergleichsbilder</translation>
    </message>
    <message>
        <source>save 8 or 16 bits</source>
        <translation>mit 8 oder 16 Bit speichern</translation>
    </message>
    <message>
        <source>save frames, height, width</source>
        <translation>Bilder, Höhe, Breite speichern</translation>
    </message>
    <message>
        <source>save gray levels</source>
        <translation>Graustufen speichern</translation>
    </message>
    <message>
        <source>save it again</source>
        <translation>noch einmal speichern</translation>
    </message>
    <message>
        <source>save it again at its real size</source>
        <translation>in der wahren Größe noch einmal speichern</translation>
    </message>
    <message>
        <source>save it as .mha</source>
        <translation>als .mha speichern</translation>
    </message>
    <message>
        <source>save it as 8 or 16 bit</source>
        <translation>mit 8 oder 16 Bit speichern</translation>
    </message>
    <message>
        <source>save it as PNG or TIFF</source>
        <translation>als PNG oder TIFF speichern</translation>
    </message>
    <message>
        <source>save it as one .nrrd file</source>
        <translation>als eine .nrrd-Datei speichern</translation>
    </message>
    <message>
        <source>save it raw or with gzip</source>
        <translation>roh oder mit gzip speichern</translation>
    </message>
    <message>
        <source>save it uncompressed, or in parts of {0} MB</source>
        <translation>unkomprimiert oder in Teilen von {0} MB speichern</translation>
    </message>
    <message>
        <source>save it with finite gray levels</source>
        <translation>mit endlichen Graustufen speichern</translation>
    </message>
    <message>
        <source>save width, height and frames</source>
        <translation>Breite, Höhe und Bilder speichern</translation>
    </message>
    <message>
        <source>scanmon doctor names what is missing</source>
        <translation>scanmon doctor nennt, was fehlt</translation>
    </message>
    <message>
        <source>scanmon doctor says how to get it</source>
        <translation>scanmon doctor sagt, woher sie kommt</translation>
    </message>
    <message>
        <source>scanmon doctor says what is missing</source>
        <translation>scanmon doctor sagt, was fehlt</translation>
    </message>
    <message>
        <source>scanmon {0}</source>
        <translation>scanmon {0}</translation>
    </message>
    <message>
        <source>schema_version {0} is not {1}</source>
        <translation>schema_version {0} ist nicht {1}</translation>
    </message>
    <message>
        <source>schema_version {0} is unknown</source>
        <translation>schema_version {0} ist unbekannt</translation>
    </message>
    <message>
        <source>score {0:s} ({1:s} of the range)</source>
        <translation>Wert {0:s} ({1:s} der Spanne)</translation>
    </message>
    <message>
        <source>scores differ by {0:s}, allowed {1:s}</source>
        <translation>Bewertungen weichen um {0:s} ab, erlaubt {1:s}</translation>
    </message>
    <message>
        <source>see the lines above</source>
        <translation>siehe die Zeilen darüber</translation>
    </message>
    <message>
        <source>sends a volume</source>
        <translation>sendet ein Volumen</translation>
    </message>
    <message>
        <source>sends no OpenIGTLink</source>
        <translation>sendet kein OpenIGTLink</translation>
    </message>
    <message>
        <source>sends no OpenIGTLink ({0})</source>
        <translation>sendet kein OpenIGTLink ({0})</translation>
    </message>
    <message>
        <source>sends no images, but {0}</source>
        <translation>sendet keine Bilder, sondern {0}</translation>
    </message>
    <message>
        <source>sends nothing any more</source>
        <translation>sendet nichts mehr</translation>
    </message>
    <message>
        <source>sends nothing that can be decoded</source>
        <translation>sendet nichts, was sich dekodieren lässt</translation>
    </message>
    <message>
        <source>sends {0}, not {1}</source>
        <translation>sendet {0}, nicht {1}</translation>
    </message>
    <message>
        <source>start the sender again</source>
        <translation>den Sender neu starten</translation>
    </message>
    <message>
        <source>states another size than its video has</source>
        <translation>gibt eine andere Größe an, als das Video hat</translation>
    </message>
    <message>
        <source>states no size of its pictures</source>
        <translation>gibt keine Größe seiner Bilder an</translation>
    </message>
    <message>
        <source>sums to {0:s}, not to 1</source>
        <translation>ergibt in der Summe {0:s}, nicht 1</translation>
    </message>
    <message>
        <source>takes the size of a tensor from what it sees ({0})</source>
        <translation>bestimmt die Größe eines Tensors aus dem Bild ({0})</translation>
    </message>
    <message>
        <source>takes too long</source>
        <translation>dauert zu lange</translation>
    </message>
    <message>
        <source>takes too long to decode for its size</source>
        <translation>braucht für seine Größe zu lange zum Dekodieren</translation>
    </message>
    <message>
        <source>takes too much memory</source>
        <translation>braucht zu viel Speicher</translation>
    </message>
    <message>
        <source>takes too much memory, or crashes what reads it</source>
        <translation>braucht zu viel Speicher oder bringt das Lesen zum Absturz</translation>
    </message>
    <message>
        <source>tensorrt-rtx {0}: compiling for {1}</source>
        <translation>tensorrt-rtx {0}: wird für {1} kompiliert</translation>
    </message>
    <message>
        <source>the DICOM file holds no picture</source>
        <translation>die DICOM-Datei enthält kein Bild</translation>
    </message>
    <message>
        <source>the DICOM file is cut off</source>
        <translation>die DICOM-Datei ist abgeschnitten</translation>
    </message>
    <message>
        <source>the DICOM file is cut off, or its {0} frames are not in it</source>
        <translation>die DICOM-Datei ist abgeschnitten, oder ihre {0} Bilder fehlen</translation>
    </message>
    <message>
        <source>the DICOM file unpacks to more than {0} MB</source>
        <translation>die DICOM-Datei entpackt sich auf mehr als {0} MB</translation>
    </message>
    <message>
        <source>the DICOM gray tables are damaged</source>
        <translation>die Graustufentabellen der DICOM-Datei sind beschädigt</translation>
    </message>
    <message>
        <source>the DICOM header is damaged</source>
        <translation>der DICOM-Kopf ist beschädigt</translation>
    </message>
    <message>
        <source>the DICOM palette is damaged</source>
        <translation>die DICOM-Palette ist beschädigt</translation>
    </message>
    <message>
        <source>the DICOM pixels cannot be decoded ({0})</source>
        <translation>die DICOM-Bildpunkte lassen sich nicht dekodieren ({0})</translation>
    </message>
    <message>
        <source>the GPU has no memory for the network (no reason given)</source>
        <translation>die GPU hat keinen Speicher für das Netz (ohne Angabe von Gründen)</translation>
    </message>
    <message>
        <source>the GPU has no memory for the network ({0})</source>
        <translation>die GPU hat keinen Speicher für das Netz ({0})</translation>
    </message>
    <message>
        <source>the GPU is out of memory</source>
        <translation>der Speicher der GPU ist voll</translation>
    </message>
    <message>
        <source>the GPU was lost ({0})</source>
        <translation>die GPU ging verloren ({0})</translation>
    </message>
    <message>
        <source>the GPU was lost: {0} failed ({1})</source>
        <translation>die GPU ging verloren: {0} ist fehlgeschlagen ({1})</translation>
    </message>
    <message>
        <source>the NVIDIA GPU cannot be used ({0!s})</source>
        <translation>die NVIDIA-GPU lässt sich nicht nutzen ({0!s})</translation>
    </message>
    <message>
        <source>the NVIDIA driver is too old for this CUDA</source>
        <translation>der NVIDIA-Treiber ist zu alt für dieses CUDA</translation>
    </message>
    <message>
        <source>the ONNX Runtime that is installed has no CUDA</source>
        <translation>das installierte ONNX Runtime hat kein CUDA</translation>
    </message>
    <message>
        <source>the WebGPU provider is not installed</source>
        <translation>der WebGPU-Provider ist nicht installiert</translation>
    </message>
    <message>
        <source>the bookmark cannot be kept ({0!s})</source>
        <translation>das Lesezeichen lässt sich nicht ablegen ({0!s})</translation>
    </message>
    <message>
        <source>the bundle has no network for {0}:{1!s}</source>
        <translation>das Bündel hat kein Netz für {0}:{1!s}</translation>
    </message>
    <message>
        <source>the bundle has no network for {0}:{1}</source>
        <translation>das Bündel hat kein Netz für {0}:{1}</translation>
    </message>
    <message>
        <source>the bundle has no nrq, which is what runs on a GPU</source>
        <translation>das Bündel hat kein nrq, das auf einer GPU läuft</translation>
    </message>
    <message>
        <source>the bundle has no organ model</source>
        <translation>das Bündel hat kein Organmodell</translation>
    </message>
    <message>
        <source>the bundle&apos;s network is none that scanmon wrote ({0!s})</source>
        <translation>das Netz des Bündels ist keines, das scanmon geschrieben hat ({0!s})</translation>
    </message>
    <message>
        <source>the choice cannot be kept ({0!s})</source>
        <translation>die Wahl lässt sich nicht ablegen ({0!s})</translation>
    </message>
    <message>
        <source>the demo&apos;s cine loop is not in the installed pydicom</source>
        <translation>die Bildfolge der Demo fehlt im installierten pydicom</translation>
    </message>
    <message>
        <source>the document = {0} is not allowed, but {1!s}</source>
        <translation>das Dokument = {0} ist nicht erlaubt, sondern {1!s}</translation>
    </message>
    <message>
        <source>the document is not allowed: {0}</source>
        <translation>das Dokument ist nicht erlaubt: {0}</translation>
    </message>
    <message>
        <source>the document: it lacks the key {0}</source>
        <translation>dem Dokument fehlt der Schlüssel {0}</translation>
    </message>
    <message>
        <source>the driver of the NVIDIA GPU is missing: nrq runs on the processor and refreshes less often</source>
        <translation>der Treiber der NVIDIA-GPU fehlt: nrq läuft auf dem Prozessor und wird seltener aktualisiert</translation>
    </message>
    <message>
        <source>the encoder failed ({0!s})</source>
        <translation>der Encoder ist fehlgeschlagen ({0!s})</translation>
    </message>
    <message>
        <source>the encoder gave {0} packets for one picture</source>
        <translation>der Encoder lieferte {0} Pakete für ein Bild</translation>
    </message>
    <message>
        <source>the engine is closed</source>
        <translation>der Rechenkern ist geschlossen</translation>
    </message>
    <message>
        <source>the file is damaged</source>
        <translation>die Datei ist beschädigt</translation>
    </message>
    <message>
        <source>the file is damaged; save it again</source>
        <translation>die Datei ist beschädigt; noch einmal speichern</translation>
    </message>
    <message>
        <source>the file is empty</source>
        <translation>die Datei ist leer</translation>
    </message>
    <message>
        <source>the file is larger than {0} MB</source>
        <translation>die Datei ist größer als {0} MB</translation>
    </message>
    <message>
        <source>the film cannot be written ({0!s})</source>
        <translation>der Film lässt sich nicht schreiben ({0!s})</translation>
    </message>
    <message>
        <source>the first frame cannot be decoded</source>
        <translation>das erste Bild lässt sich nicht dekodieren</translation>
    </message>
    <message>
        <source>the knots of a calibration must grow</source>
        <translation>die Stützpunkte einer Kalibrierung müssen wachsen</translation>
    </message>
    <message>
        <source>the list of what to leave out cannot be read</source>
        <translation>die Liste des Auszulassenden lässt sich nicht lesen</translation>
    </message>
    <message>
        <source>the map is one of uLPIPS</source>
        <translation>die Karte gehört zu uLPIPS</translation>
    </message>
    <message>
        <source>the map network gives {0} or NaN, expected {1}</source>
        <translation>das Netz der Karte liefert {0} oder NaN, erwartet {1}</translation>
    </message>
    <message>
        <source>the memory for {0} is refused</source>
        <translation>der Speicher für {0} wird verweigert</translation>
    </message>
    <message>
        <source>the memory for {0} is refused ({1})</source>
        <translation>der Speicher für {0} wird verweigert ({1})</translation>
    </message>
    <message>
        <source>the network cannot be kept ({0!s})</source>
        <translation>das Netz lässt sich nicht ablegen ({0!s})</translation>
    </message>
    <message>
        <source>the network cannot be loaded ({0!s})</source>
        <translation>das Netz lässt sich nicht laden ({0!s})</translation>
    </message>
    <message>
        <source>the network cannot be run</source>
        <translation>das Netz lässt sich nicht ausführen</translation>
    </message>
    <message>
        <source>the network cannot be run ({0!s})</source>
        <translation>das Netz lässt sich nicht ausführen ({0!s})</translation>
    </message>
    <message>
        <source>the network cannot be run ({0})</source>
        <translation>das Netz lässt sich nicht ausführen ({0})</translation>
    </message>
    <message>
        <source>the network cannot be tried ({0!s})</source>
        <translation>das Netz lässt sich nicht erproben ({0!s})</translation>
    </message>
    <message>
        <source>the network does not take uint8 and give float32</source>
        <translation>das Netz nimmt nicht uint8 und liefert float32</translation>
    </message>
    <message>
        <source>the network gives NaN</source>
        <translation>das Netz liefert NaN</translation>
    </message>
    <message>
        <source>the network is not an ONNX file</source>
        <translation>das Netz ist keine ONNX-Datei</translation>
    </message>
    <message>
        <source>the network of this bundle does not show its tokens</source>
        <translation>das Netz dieses Bündels zeigt seine Token nicht</translation>
    </message>
    <message>
        <source>the network takes windows {0}, not {1}</source>
        <translation>das Netz nimmt Fenster von {0}, nicht {1}</translation>
    </message>
    <message>
        <source>the network {0!s}</source>
        <translation>das Netz {0!s}</translation>
    </message>
    <message>
        <source>the organ models expect features of different lengths {0}</source>
        <translation>die Organmodelle erwarten Merkmale verschiedener Länge {0}</translation>
    </message>
    <message>
        <source>the organ models expect {0} features, the network gives {1}</source>
        <translation>die Organmodelle erwarten {0} Merkmale, das Netz liefert {1}</translation>
    </message>
    <message>
        <source>the organ models expect {0} features, this backbone gives {1}</source>
        <translation>die Organmodelle erwarten {0} Merkmale, dieses Rückgratnetz liefert {1}</translation>
    </message>
    <message>
        <source>the page cannot be drawn</source>
        <translation>die Seite lässt sich nicht zeichnen</translation>
    </message>
    <message>
        <source>the phantom has no {0}</source>
        <translation>das Phantom kennt kein {0}</translation>
    </message>
    <message>
        <source>the picture is empty</source>
        <translation>das Bild ist leer</translation>
    </message>
    <message>
        <source>the picture is too large: {0} x {1} pixels</source>
        <translation>das Bild ist zu groß: {0} x {1} Bildpunkte</translation>
    </message>
    <message>
        <source>the picture is {0}x{1}</source>
        <translation>das Bild hat {0}x{1}</translation>
    </message>
    <message>
        <source>the plan at hand is for another machine or version: {0!s}</source>
        <translation>der vorhandene Plan ist für einen anderen Rechner oder eine andere Version: {0!s}</translation>
    </message>
    <message>
        <source>the plan cannot be kept ({0!s})</source>
        <translation>der Plan lässt sich nicht ablegen ({0!s})</translation>
    </message>
    <message>
        <source>the plan cannot be loaded</source>
        <translation>der Plan lässt sich nicht laden</translation>
    </message>
    <message>
        <source>the plan cannot be loaded ({0})</source>
        <translation>der Plan lässt sich nicht laden ({0})</translation>
    </message>
    <message>
        <source>the plan cannot be read ({0!s})</source>
        <translation>der Plan lässt sich nicht lesen ({0!s})</translation>
    </message>
    <message>
        <source>the plan has tensors {0}, not one in and one out</source>
        <translation>der Plan hat die Tensoren {0}, nicht einen hinein und einen heraus</translation>
    </message>
    <message>
        <source>the plan has tensors {0}, not one in and one out ({1})</source>
        <translation>der Plan hat die Tensoren {0}, nicht einen hinein und einen heraus ({1})</translation>
    </message>
    <message>
        <source>the plan is damaged</source>
        <translation>der Plan ist beschädigt</translation>
    </message>
    <message>
        <source>the plan is for another machine or version: {0!s}</source>
        <translation>der Plan ist für einen anderen Rechner oder eine andere Version: {0!s}</translation>
    </message>
    <message>
        <source>the plan takes no batch of {0}</source>
        <translation>der Plan nimmt keinen Stapel von {0}</translation>
    </message>
    <message>
        <source>the plan takes no batch of {0} ({1})</source>
        <translation>der Plan nimmt keinen Stapel von {0} ({1})</translation>
    </message>
    <message>
        <source>the plan&apos;s header is damaged ({0!s})</source>
        <translation>der Kopf des Plans ist beschädigt ({0!s})</translation>
    </message>
    <message>
        <source>the recording ended as it began</source>
        <translation>die Aufzeichnung endete, als sie begann</translation>
    </message>
    <message>
        <source>the region is not inside the picture of {0}x{1}</source>
        <translation>der Bereich liegt nicht im Bild von {0}x{1}</translation>
    </message>
    <message>
        <source>the region lies outside the picture</source>
        <translation>der Bereich liegt außerhalb des Bildes</translation>
    </message>
    <message>
        <source>the region {0!s} is not inside the picture of {1}x{2}</source>
        <translation>der Bereich {0!s} liegt nicht im Bild von {1}x{2}</translation>
    </message>
    <message>
        <source>the runtime cannot be started</source>
        <translation>die Laufzeit lässt sich nicht starten</translation>
    </message>
    <message>
        <source>the runtime cannot be started ({0})</source>
        <translation>die Laufzeit lässt sich nicht starten ({0})</translation>
    </message>
    <message>
        <source>the session has no picture with a score</source>
        <translation>die Sitzung hat kein Bild mit einer Bewertung</translation>
    </message>
    <message>
        <source>the session holds no pictures</source>
        <translation>die Sitzung enthält keine Bilder</translation>
    </message>
    <message>
        <source>the video in the DICOM file is damaged</source>
        <translation>das Video in der DICOM-Datei ist beschädigt</translation>
    </message>
    <message>
        <source>the window of the region holds nothing of it</source>
        <translation>das Fenster des Bereichs enthält nichts von ihm</translation>
    </message>
    <message>
        <source>there is no GPU {0}, but {1}</source>
        <translation>es gibt keine GPU {0}, sondern {1}</translation>
    </message>
    <message>
        <source>there is no NVIDIA GPU</source>
        <translation>es gibt keine NVIDIA-GPU</translation>
    </message>
    <message>
        <source>there is no NVIDIA driver</source>
        <translation>es gibt keinen NVIDIA-Treiber</translation>
    </message>
    <message>
        <source>there is no display for a window</source>
        <translation>es gibt keinen Bildschirm für ein Fenster</translation>
    </message>
    <message>
        <source>there is no frame {0}</source>
        <translation>es gibt kein Bild {0}</translation>
    </message>
    <message>
        <source>there is no preset on this key</source>
        <translation>auf dieser Taste liegt keine Voreinstellung</translation>
    </message>
    <message>
        <source>there is no such file or folder</source>
        <translation>Datei oder Ordner nicht vorhanden</translation>
    </message>
    <message>
        <source>there is nothing to score</source>
        <translation>es gibt nichts zu bewerten</translation>
    </message>
    <message>
        <source>there is: none at all</source>
        <translation>vorhanden: gar keines</translation>
    </message>
    <message>
        <source>there is: {0}</source>
        <translation>vorhanden: {0}</translation>
    </message>
    <message>
        <source>this GPU lacks cuda-python and onnxruntime-gpu, which run every bundle</source>
        <translation>dieser GPU fehlen cuda-python und onnxruntime-gpu, die jedes Bündel ausführen</translation>
    </message>
    <message>
        <source>this GPU lacks onnxruntime-gpu, which runs every bundle</source>
        <translation>dieser GPU fehlt onnxruntime-gpu, das jedes Bündel ausführt</translation>
    </message>
    <message>
        <source>this bundle has no backbone</source>
        <translation>dieses Bündel hat kein Rückgratnetz</translation>
    </message>
    <message>
        <source>this bundle has no backbone to compare with</source>
        <translation>dieses Bündel hat kein Rückgratnetz zum Vergleichen</translation>
    </message>
    <message>
        <source>this bundle has no {0}</source>
        <translation>dieses Bündel hat kein {0}</translation>
    </message>
    <message>
        <source>this capture device is not plugged in</source>
        <translation>dieses Aufnahmegerät ist nicht angeschlossen</translation>
    </message>
    <message>
        <source>thresholds must satisfy 0 &lt;= marginal &lt;= adequate &lt;= 100</source>
        <translation>für die Schwellen muss gelten: 0 &lt;= marginal &lt;= adequate &lt;= 100</translation>
    </message>
    <message>
        <source>true or false</source>
        <translation>true oder false</translation>
    </message>
    <message>
        <source>two organ models have the same name</source>
        <translation>zwei Organmodelle haben denselben Namen</translation>
    </message>
    <message>
        <source>unexpected {0}: {1!s}</source>
        <translation>unerwartet {0}: {1!s}</translation>
    </message>
    <message>
        <source>unpacks to too many bytes for a list of known pictures</source>
        <translation>entpackt sich auf zu viele Bytes für eine Liste bekannter Bilder</translation>
    </message>
    <message>
        <source>unpacks to too many bytes for a reference set</source>
        <translation>entpackt sich auf zu viele Bytes für einen Referenzsatz</translation>
    </message>
    <message>
        <source>unpacks to too many bytes for an organ model</source>
        <translation>entpackt sich auf zu viele Bytes für ein Organmodell</translation>
    </message>
    <message>
        <source>update scanmon or build the bundle again</source>
        <translation>scanmon aktualisieren oder das Bündel neu bauen</translation>
    </message>
    <message>
        <source>update the driver, or use --backend onnxruntime</source>
        <translation>den Treiber aktualisieren oder --backend onnxruntime verwenden</translation>
    </message>
    <message>
        <source>use --backend onnx</source>
        <translation>--backend onnx verwenden</translation>
    </message>
    <message>
        <source>use --backend onnxruntime</source>
        <translation>--backend onnxruntime verwenden</translation>
    </message>
    <message>
        <source>use --backend onnxruntime:cuda</source>
        <translation>--backend onnxruntime:cuda verwenden</translation>
    </message>
    <message>
        <source>use --backend onnxruntime:cuda or onnxruntime</source>
        <translation>--backend onnxruntime:cuda oder onnxruntime verwenden</translation>
    </message>
    <message>
        <source>use --headless, or set DISPLAY</source>
        <translation>--headless verwenden oder DISPLAY setzen</translation>
    </message>
    <message>
        <source>use --metric {0}</source>
        <translation>--metric {0} verwenden</translation>
    </message>
    <message>
        <source>use 0 to {0}</source>
        <translation>0 bis {0} verwenden</translation>
    </message>
    <message>
        <source>use 224 and 112</source>
        <translation>224 und 112 verwenden</translation>
    </message>
    <message>
        <source>use X,Y,WIDTH,HEIGHT</source>
        <translation>X,Y,WIDTH,HEIGHT verwenden</translation>
    </message>
    <message>
        <source>use `scanmon live` for it, or give a file</source>
        <translation>`scanmon live` dafür verwenden oder eine Datei angeben</translation>
    </message>
    <message>
        <source>use a bundle that scanmon build has written</source>
        <translation>ein Bündel verwenden, das scanmon build geschrieben hat</translation>
    </message>
    <message>
        <source>use another --backend</source>
        <translation>ein anderes --backend verwenden</translation>
    </message>
    <message>
        <source>use another --bundle</source>
        <translation>ein anderes --bundle verwenden</translation>
    </message>
    <message>
        <source>use another --device</source>
        <translation>ein anderes --device verwenden</translation>
    </message>
    <message>
        <source>use auto or cpu</source>
        <translation>auto oder cpu verwenden</translation>
    </message>
    <message>
        <source>use auto or cuda:0</source>
        <translation>auto oder cuda:0 verwenden</translation>
    </message>
    <message>
        <source>use auto, other, full, X,Y,WIDTH,HEIGHT or a TOML file with a shape</source>
        <translation>auto, other, full, X,Y,WIDTH,HEIGHT oder eine TOML-Datei mit einer Form verwenden</translation>
    </message>
    <message>
        <source>use for instance rtsp://host:554/path</source>
        <translation>zum Beispiel rtsp://host:554/path verwenden</translation>
    </message>
    <message>
        <source>use grabber:ID or grabber:ID?size=1920x1080&amp;rate=60&amp;format=mjpeg&amp;range=full; scanmon devices lists the ids</source>
        <translation>grabber:ID oder grabber:ID?size=1920x1080&amp;rate=60&amp;format=mjpeg&amp;range=full verwenden; scanmon devices nennt die IDs</translation>
    </message>
    <message>
        <source>use grabber:ID, rtsp://, rtmp://, http://, udp://, tcp://, igtl://, FILE.sdp, screen:X,Y,W,H or phantom:</source>
        <translation>grabber:ID, rtsp://, rtmp://, http://, udp://, tcp://, igtl://, FILE.sdp, screen:X,Y,W,H oder phantom: verwenden</translation>
    </message>
    <message>
        <source>use igtl://host:{0}/NAME</source>
        <translation>igtl://host:{0}/NAME verwenden</translation>
    </message>
    <message>
        <source>use its fp32 network, as scanmon build writes it, and blocks that the file holds</source>
        <translation>das fp32-Netz verwenden, wie scanmon build es schreibt, und Blöcke, die in der Datei sind</translation>
    </message>
    <message>
        <source>use native, auto or a height of 64 to {0} px</source>
        <translation>native, auto oder eine Höhe von 64 bis {0} px verwenden</translation>
    </message>
    <message>
        <source>use one of {0}</source>
        <translation>eines von {0} verwenden</translation>
    </message>
    <message>
        <source>use phantom:seed=0,geometry=sector|linear,size=640x480,rate=30,frames=300,gain=0, each part optional</source>
        <translation>phantom:seed=0,geometry=sector|linear,size=640x480,rate=30,frames=300,gain=0 verwenden, jeder Teil nach Wahl</translation>
    </message>
    <message>
        <source>use scanmon replay for it</source>
        <translation>dafür scanmon replay verwenden</translation>
    </message>
    <message>
        <source>use screen:X,Y,WIDTH,HEIGHT</source>
        <translation>screen:X,Y,WIDTH,HEIGHT verwenden</translation>
    </message>
    <message>
        <source>use some of {0}</source>
        <translation>einige von {0} verwenden</translation>
    </message>
    <message>
        <source>use the bundle that they were fitted with</source>
        <translation>das Bündel verwenden, mit dem sie angepasst wurden</translation>
    </message>
    <message>
        <source>use the organ models that were fitted with it</source>
        <translation>die Organmodelle verwenden, die damit angepasst wurden</translation>
    </message>
    <message>
        <source>use {0}, or some of {1}</source>
        <translation>{0} oder einige von {1} verwenden</translation>
    </message>
    <message>
        <source>use {0}://host:port/path</source>
        <translation>{0}://host:port/path verwenden</translation>
    </message>
    <message>
        <source>views: {0} is there twice</source>
        <translation>views: {0} kommt zweimal vor</translation>
    </message>
    <message>
        <source>wait for it, or name another file</source>
        <translation>darauf warten oder andere Datei angeben</translation>
    </message>
    <message>
        <source>was written by another command in the meantime</source>
        <translation>wurde inzwischen von einem anderen Befehl geschrieben</translation>
    </message>
    <message>
        <source>what reads it does not start</source>
        <translation>was es liest, startet nicht</translation>
    </message>
    <message>
        <source>what tries the network does not start</source>
        <translation>was das Netz ausprobiert, startet nicht</translation>
    </message>
    <message>
        <source>what was being saved is not finished</source>
        <translation>was gespeichert wurde, ist nicht fertig</translation>
    </message>
    <message>
        <source>what was recorded until then is kept; free some space or choose another folder</source>
        <translation>was bis dahin aufgezeichnet wurde, bleibt; Platz schaffen oder anderen Ordner wählen</translation>
    </message>
    <message>
        <source>writing the network {0}</source>
        <translation>das Netz {0} wird geschrieben</translation>
    </message>
    <message>
        <source>writing {0}</source>
        <translation>{0} wird geschrieben</translation>
    </message>
    <message>
        <source>{0} ({1} wide)</source>
        <translation>{0} ({1} breit)</translation>
    </message>
    <message>
        <source>{0} = {1} is not allowed, but {2!s}</source>
        <translation>{0} = {1} ist nicht erlaubt, sondern {2!s}</translation>
    </message>
    <message>
        <source>{0} cannot be written: numbers must be finite</source>
        <translation>{0} lässt sich nicht schreiben: Zahlen müssen endlich sein</translation>
    </message>
    <message>
        <source>{0} clean pictures are too few for percentiles</source>
        <translation>{0} saubere Bilder sind zu wenige für Perzentile</translation>
    </message>
    <message>
        <source>{0} clean pictures are too few to know any</source>
        <translation>{0} saubere Bilder sind zu wenige, um welche zu kennen</translation>
    </message>
    <message>
        <source>{0} does not know this GPU ({1}), but {2}</source>
        <translation>{0} kennt diese GPU nicht ({1}), sondern {2}</translation>
    </message>
    <message>
        <source>{0} failed ({1})</source>
        <translation>{0} ist fehlgeschlagen ({1})</translation>
    </message>
    <message>
        <source>{0} files are whole</source>
        <translation>{0} Dateien sind unversehrt</translation>
    </message>
    <message>
        <source>{0} has no place in the column {1}</source>
        <translation>{0} hat keinen Platz in der Spalte {1}</translation>
    </message>
    <message>
        <source>{0} holds NaN or infinity</source>
        <translation>{0} enthält NaN oder Unendlich</translation>
    </message>
    <message>
        <source>{0} is an unknown key</source>
        <translation>{0} ist ein unbekannter Schlüssel</translation>
    </message>
    <message>
        <source>{0} is no finite number</source>
        <translation>{0} ist keine endliche Zahl</translation>
    </message>
    <message>
        <source>{0} is no number</source>
        <translation>{0} ist keine Zahl</translation>
    </message>
    <message>
        <source>{0} is not allowed: {1}</source>
        <translation>{0} ist nicht erlaubt: {1}</translation>
    </message>
    <message>
        <source>{0} is not installed</source>
        <translation>{0} ist nicht installiert</translation>
    </message>
    <message>
        <source>{0} is not listed in [files]</source>
        <translation>{0} steht nicht unter [files]</translation>
    </message>
    <message>
        <source>{0} is {1}, expected {2}</source>
        <translation>{0} ist {1}, erwartet {2}</translation>
    </message>
    <message>
        <source>{0} needs the extra research</source>
        <translation>{0} braucht das Extra research</translation>
    </message>
    <message>
        <source>{0} of its {1} frames are missing</source>
        <translation>{0} von {1} Bildern fehlen</translation>
    </message>
    <message>
        <source>{0:s} of the pairs of pictures change their order</source>
        <translation>{0:s} der Bildpaare ändern ihre Reihenfolge</translation>
    </message>
    <message>
        <source>a folder of references needs a folder of pictures</source>
        <translation>zu einem Ordner mit Referenzen gehört ein Ordner mit Bildern</translation>
    </message>
    <message>
        <source>no answer for {0:s} s</source>
        <translation>keine Antwort seit {0:s} s</translation>
    </message>
    <message>
        <source>{0:s} ms a window</source>
        <translation>{0:s} ms je Fenster</translation>
    </message>
    <message>
        <source>{0:s} of the verdicts change</source>
        <translation>{0:s} der Urteile ändern sich</translation>
    </message>
    <message>
        <source>{0} organ models</source>
        <translation>{0} Organmodelle</translation>
    </message>
    <message>
        <source>{0} own pictures: compared on, but not calibrated by, since that takes {1} or more</source>
        <translation>{0} eigene Bilder: damit verglichen, aber nicht kalibriert, denn dazu braucht es {1} oder mehr</translation>
    </message>
    <message>
        <source>{0} own pictures: compared on, but not calibrated by, since there are no organ models</source>
        <translation>{0} eigene Bilder: damit verglichen, aber nicht kalibriert, denn es gibt keine Organmodelle</translation>
    </message>
    <message>
        <source>{0} pictures are too few to become familiar</source>
        <translation>{0} Bilder sind zu wenige, um vertraut zu werden</translation>
    </message>
    <message>
        <source>{0} pictures give {1} windows, too few for a model of {2} dimensions</source>
        <translation>{0} Bilder geben {1} Fenster, zu wenige für ein Modell mit {2} Dimensionen</translation>
    </message>
    <message>
        <source>{0} {1}: a plan for {2} is there already</source>
        <translation>{0} {1}: ein Plan für {2} ist schon da</translation>
    </message>
    <message>
        <source>{0} {1}: agrees here</source>
        <translation>{0} {1}: stimmt hier überein</translation>
    </message>
    <message>
        <source>{0} {1}: agrees on {2}</source>
        <translation>{0} {1}: stimmt bei {2} überein</translation>
    </message>
    <message>
        <source>{0} {1}: compiling for {2}</source>
        <translation>{0} {1}: wird für {2} kompiliert</translation>
    </message>
    <message>
        <source>{0} {1}: z {2:s} ({3:s} of the spread)</source>
        <translation>{0} {1}: z {2:s} ({3:s} der Streuung)</translation>
    </message>
    <message>
        <source>{0}, becoming familiar</source>
        <translation>{0}, kennenlernen</translation>
    </message>
    <message>
        <source>{0}: failed while it ran, {1} took its place</source>
        <translation>{0}: im Lauf ausgefallen, {1} sprang ein</translation>
    </message>
    <message>
        <source>{0}: it lacks the key {1}</source>
        <translation>{0}: es fehlt der Schlüssel {1}</translation>
    </message>
    <message>
        <source>{0}: {1!s}</source>
        <translation>{0}: {1!s}</translation>
    </message>
    <message>
        <source>{0}: {1:s} of {2} clean pictures are adequate; score {3!s}</source>
        <translation>{0}: {1:s} von {2} ungestörten Bildern sind ausreichend; Wert {3!s}</translation>
    </message>
    <message>
        <source>{0}: {1}, {2:s} of the judged pictures told apart</source>
        <translation>{0}: {1}, {2:s} der beurteilten Bilder getrennt</translation>
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
    <name>Failures</name>
    <message>
        <source>I have read it</source>
        <translation>Gelesen</translation>
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
        <source>Set-up: next, previous handle</source>
        <translation>Einrichtung: nächster, voriger Griff</translation>
    </message>
    <message>
        <source>Presets 1 to 9, or views</source>
        <translation>Voreinstellungen 1 bis 9 oder Ansichten</translation>
    </message>
    <message>
        <source>Best frames: choose, show</source>
        <translation>Beste Bilder: wählen, zeigen</translation>
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
        <source>The engine does not answer; the picture goes on</source>
        <translation>Der Rechenkern antwortet nicht; das Bild läuft weiter</translation>
    </message>
    <message>
        <source>No answer for {0} s.</source>
        <translation>Keine Antwort seit {0} s.</translation>
    </message>
    <message>
        <source>If it stays so, restart scanmon and choose another back end (Ctrl+E).</source>
        <translation>Wenn es so bleibt, starten Sie scanmon neu und wählen Sie einen anderen Rechenkern (Strg+E).</translation>
    </message>
    <message>
        <source>This picture could not be scored; the next one is tried</source>
        <translation>Dieses Bild konnte nicht bewertet werden; das nächste wird versucht</translation>
    </message>
    <message>
        <source>From capture to score {0} s go by here; 2 s are the most.</source>
        <translation>Von der Aufnahme bis zur Bewertung vergehen hier {0} s; höchstens 2 s sind erlaubt.</translation>
    </message>
    <message>
        <source>No score: this machine is too busy, or too slow</source>
        <translation>Keine Bewertung: Dieser Rechner ist überlastet oder zu langsam</translation>
    </message>
    <message>
        <source>End other programs, or use a GPU (Engines, Ctrl+E). The picture goes on.</source>
        <translation>Andere Programme beenden, oder eine GPU verwenden (Rechenkerne, Strg+E). Das Bild läuft weiter.</translation>
    </message>
    <message>
        <source>No score: {0}</source>
        <translation>Keine Bewertung: {0}</translation>
    </message>
    <message>
        <source>Score with: {0}</source>
        <translation>Bewerten mit: {0}</translation>
    </message>
    <message>
        <source>No score: {0} is too slow on this machine</source>
        <translation>Keine Bewertung: {0} ist auf diesem Rechner zu langsam</translation>
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
        <source>No picture for {0} s.</source>
        <translation>Seit {0} s kein Bild.</translation>
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
        <source>Opening {0}…</source>
        <translation>{0} wird geöffnet…</translation>
    </message>
    <message>
        <source>Opening the source…</source>
        <translation>Quelle wird geöffnet…</translation>
    </message>
    <message>
        <source>unexpected error: {0}</source>
        <translation>unerwarteter Fehler: {0}</translation>
    </message>
    <message>
        <source>error: {0}</source>
        <translation>Fehler: {0}</translation>
    </message>
    <message>
        <source>ok</source>
        <translation>in Ordnung</translation>
    </message>
    <message>
        <source>FAILED</source>
        <translation>FEHLER</translation>
    </message>
    <message>
        <source>absent</source>
        <translation>fehlt</translation>
    </message>
    <message>
        <source>chosen</source>
        <translation>gewählt</translation>
    </message>
    <message>
        <source>{0}: {1} of {2}</source>
        <translation>{0}: {1} von {2}</translation>
    </message>
    <message>
        <source>{0}: {1} of {2}, {3} left</source>
        <translation>{0}: {1} von {2}, noch {3}</translation>
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
    <message>
        <source>Saved without a picture, as none was analysed meanwhile: {0}</source>
        <translation>Ohne Bild gespeichert, da unterdessen keines bewertet wurde: {0}</translation>
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
        <source>not saved, best {0}</source>
        <translation>nicht gespeichert, bestes {0}</translation>
    </message>
    <message>
        <source>not saved</source>
        <translation>nicht gespeichert</translation>
    </message>
    <message>
        <source>adequate {0} of {1} s scored</source>
        <translation>ausreichend {0} von {1} s mit Wert</translation>
    </message>
    <message>
        <source>skipped</source>
        <translation>ausgelassen</translation>
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
        <translation>Bündel</translation>
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
        <source>Metric: {0}</source>
        <translation>Metrik: {0}</translation>
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
        <source>{0} takes {1} s here for the {2} windows of one picture; 2 s are the most.</source>
        <translation>{0} braucht hier {1} s für die {2} Fenster eines Bildes; höchstens 2 s sind erlaubt.</translation>
    </message>
    <message>
        <source>{0} takes {1} s a picture here; 2 s are the most.</source>
        <translation>{0} braucht hier {1} s je Bild; höchstens 2 s sind erlaubt.</translation>
    </message>
    <message>
        <source>It is off, so that it does not lag behind the number. To see it, choose it as the metric, or use a GPU (Engines, Ctrl+E).</source>
        <translation>Sie ist aus, damit sie nicht hinter der Zahl zurückbleibt. Um sie zu sehen, als Metrik wählen, oder eine GPU verwenden (Rechenkerne, Strg+E).</translation>
    </message>
    <message>
        <source>{0} takes {1} ms a picture here.</source>
        <translation>{0} braucht hier {1} ms je Bild.</translation>
    </message>
    <message>
        <source>With --stride {0} there are {1} windows, which keep up.</source>
        <translation>Mit --stride {0} sind es {1} Fenster, die mitkommen.</translation>
    </message>
    <message>
        <source>End other programs, or use a GPU (Engines, Ctrl+E).</source>
        <translation>Andere Programme beenden, oder eine GPU verwenden (Rechenkerne, Strg+E).</translation>
    </message>
    <message>
        <source>.</source>
        <comment>what parts a number from its decimals</comment>
        <translation>,</translation>
    </message>
    <message>
        <source>{0}%</source>
        <translation>{0} %</translation>
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
        <source>this picture is being scored</source>
        <translation>dieses Bild wird gerade bewertet</translation>
    </message>
    <message>
        <source>the engine has been loading for {0} s</source>
        <translation>der Rechenkern wird seit {0} s geladen</translation>
    </message>
    <message>
        <source>smoothed {0}</source>
        <translation>geglättet {0}</translation>
    </message>
    <message>
        <source>{0}: too slow here</source>
        <translation>{0}: hier zu langsam</translation>
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
        <translation>anders als alles, was der Rechenkern kennt; für ein Wort: scanmon calibrate</translation>
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
        <source>{0} % scored in order</source>
        <translation>{0} % der Reihe nach bewertet</translation>
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
