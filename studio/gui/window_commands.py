"""What the actions do. Each public method is the action of the same id in `actions.SPECS`."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QUrl
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import (
    QAbstractItemView,
    QApplication,
    QDialog,
    QFileDialog,
    QInputDialog,
    QLineEdit,
    QMessageBox,
    QPlainTextEdit,
    QTextEdit,
)

from studio import paths
from studio.gui import about
from studio.gui.forms.values import number_from, number_text
from studio.gui.i18n import tr
from studio.gui.widgets.figures import size
from studio.runs import commands as cmd
from studio.runs import requests as rq

if TYPE_CHECKING:
    from studio.gui.cluster import ClusterDialog
    from studio.gui.engine_view.duel import DuelDialog
    from studio.gui.evaluation.dialog import EvaluationDialog
    from studio.gui.language_models.dialog import LanguageModelsDialog
    from studio.gui.main_window import MainWindow
    from studio.gui.search.dialog import SearchDialog

_TOML = "TOML (*.toml)"


class WindowCommands(QObject):
    """Belongs to one main window."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._session = window.session
        self._search: SearchDialog | None = None
        self._cluster: ClusterDialog | None = None
        self._language_models: LanguageModelsDialog | None = None
        self._duel: DuelDialog | None = None
        self._evaluation: EvaluationDialog | None = None

    # --- File ------------------------------------------------------------------------------------------

    def new_from_preset(self, name: str) -> None:
        """Make a preset the draft; what was there can be had back with undo."""
        if self._session.load_preset(name):
            self._window.show_pane("model")

    def open_recipe(self) -> None:
        path, _ = QFileDialog.getOpenFileName(self._window, tr("Open recipe"), str(Path.home()), _TOML)
        if path and self._session.load_file(path):
            self._window.show_pane("model")

    def save_recipe(self) -> None:
        file = self._session.recipe_file
        if file is None:
            self.save_recipe_as()
        else:
            self._session.save_file(file)

    def save_recipe_as(self) -> None:
        start = self._session.recipe_file or Path.home() / f"{self._recipe_name()}.toml"
        path, _ = QFileDialog.getSaveFileName(self._window, tr("Save recipe"), str(start), _TOML)
        if path:
            self._session.save_file(path if Path(path).suffix else f"{path}.toml")

    def save_preset(self) -> None:
        name, ok = QInputDialog.getText(
            self._window,
            tr("Save as preset"),
            tr("Name of the preset:"),
            QLineEdit.EchoMode.Normal,
            self._recipe_name(),
        )
        name = re.sub(r"[\x00-\x1f/\\:*?\"<>|]+", "-", name).strip(" .")
        if ok and name:
            self._session.save_preset(name)
            self._window.refresh_presets()

    def open_run(self) -> None:
        start = paths.runs_home() if paths.runs_home().is_dir() else Path.home()
        path = QFileDialog.getExistingDirectory(self._window, tr("Open run"), str(start))
        if path and self._session.open_run(path):
            self._window.show_pane("training")

    def close_run(self) -> None:
        self._session.close_run()

    def quit(self) -> None:
        self._window.close()

    # --- Edit ------------------------------------------------------------------------------------------

    def undo(self) -> None:
        self._session.undo()

    def redo(self) -> None:
        self._session.redo()

    def copy(self) -> None:
        """Copy from whatever has the focus: text as text, tables with tabs between the columns."""
        widget = QApplication.focusWidget()
        if isinstance(widget, QLineEdit | QPlainTextEdit | QTextEdit):
            widget.copy()
        elif isinstance(widget, QAbstractItemView) and widget.selectionModel() is not None:
            rows: dict[tuple[int, int], list[str]] = {}
            for index in widget.selectionModel().selectedIndexes():
                key = (index.parent().row(), index.row())
                rows.setdefault(key, []).append(str(index.data() or ""))
            if rows:
                QGuiApplication.clipboard().setText("\n".join("\t".join(cells) for cells in rows.values()))

    # --- Run -------------------------------------------------------------------------------------------

    def start(self) -> None:
        if self._session.start():
            self._window.show_pane("training")

    def pause(self) -> None:
        self._session.pause()

    def resume(self) -> None:
        if self._session.resume():
            self._window.show_pane("training")

    def stop_and_save(self) -> None:
        self._session.stop_and_save()

    def cancel_run(self) -> None:
        self._session.cancel()

    def save_now(self) -> None:
        self._session.send(cmd.SaveNow())
        self._window.toasts.add("info", tr("A checkpoint is saved after this step."))

    def evaluate_now(self) -> None:
        self._session.send(cmd.EvaluateNow())
        self._window.toasts.add("info", tr("The model is evaluated after this step."))

    def publish_now(self) -> None:
        self._session.send(cmd.PublishWeights())
        self._window.toasts.add("info", tr("The weights of this step are published for the Playground."))

    def set_learning_rate(self) -> None:
        """Ask for the highest rate of the schedule from here on; what is no rate is said and not sent."""
        recipe = self._session.recipe
        now = number_text(recipe.training.learning_rate) if recipe else ""
        title, label = tr("Set learning rate"), tr("Highest rate of the schedule from now on:")
        text, ok = QInputDialog.getText(self._window, title, label, QLineEdit.EchoMode.Normal, now)
        if not ok:
            return
        value = number_from(text, whole=False)
        if isinstance(value, str) or not 0 < value <= 10:
            self._window.say(
                "warning", tr("'{text}' is no learning rate: it must be above 0, at most 10.", text=text)
            )
            return
        self._session.send(cmd.SetLearningRate(float(value)))
        self._window.toasts.add("info", tr("The learning rate changes with the next step."))

    def probe(self) -> None:
        """Ask for a text; what the model makes of it joins the pinned probes."""
        title, label = tr("Try a text on the run"), tr("What is typed, such as 'jin tian':")
        text, ok = QInputDialog.getText(self._window, title, label)
        if ok and text.strip():
            self._session.send(cmd.Probe(text=text.strip(), id=""))
            self._window.show_pane("training")

    def queue_run(self) -> None:
        recipe = self._session.recipe
        if recipe is not None and self._session.series.add(recipe):
            self._window.show_pane("runs")

    def start_queue(self) -> None:
        self._session.series.start_queue()
        self._window.show_pane("runs")

    def stop_queue(self) -> None:
        self._session.series.stop_queue()

    def search_settings(self) -> None:
        """Open the dialog of searches, or bring it to the front."""
        if self._search is None:
            from studio.gui.search.dialog import SearchDialog

            self._search = SearchDialog(self._session, self._window)
            self._search.opened.connect(self.show_training)
        self._raise(self._search)

    def cluster_command(self) -> None:
        """Open the dialog of runs on a cluster, or bring it to the front."""
        if self._cluster is None:
            from studio.gui.cluster import ClusterDialog

            self._cluster = ClusterDialog(self._session, self._window)
            self._cluster.watched.connect(self.watch)
        self._raise(self._cluster)

    def watch_folder(self) -> None:
        start = paths.runs_home() if paths.runs_home().is_dir() else Path.home()
        path = QFileDialog.getExistingDirectory(self._window, tr("Watch a run folder"), str(start))
        if path:
            self.watch(path)

    def watch(self, path: str) -> None:
        """Show a run that other machines write, and what they will write."""
        if self._session.open_run(path, patient=True):
            self._window.show_pane("training")

    # --- Export ----------------------------------------------------------------------------------------

    def export_folder(self, model: str | None = None) -> None:
        """Ask where to, then let the lab write the folder."""
        model = model or self._session.model_path()
        if model is None:
            return
        start = str(Path.home() / f"{Path(model).name}-export")
        target, _ = QFileDialog.getSaveFileName(
            self._window, tr("Export checkpoint as folder"), start, options=QFileDialog.Option.ShowDirsOnly
        )
        if target:
            self._session.spawn(self.export_to(model, target))

    async def export_to(self, model: str, target: str, overwrite: bool = False) -> bool:
        """Export and say how it went."""
        self._window.toasts.add("info", tr("Exporting…"))
        lab = self._session.lab
        answer = await lab.ask(
            rq.ExportModel(id=lab.new_id(), model=model, target=target, overwrite=overwrite)
        )
        if isinstance(answer, rq.ModelExported):
            number = len(answer.files)
            text = tr(
                "Exported {number} files ({size}) to {path}",
                number=number,
                size=size(answer.size),
                path=answer.path,
            )
            self._window.banners.add("ok", text)
            return True
        if isinstance(answer, rq.Refused):
            self._window.banners.add("error", answer.message, answer.remedy, "\n".join(answer.details))
        return False

    # --- View ------------------------------------------------------------------------------------------

    def show_dataset(self) -> None:
        self._window.show_pane("dataset")

    def show_model(self) -> None:
        self._window.show_pane("model")

    def show_training(self) -> None:
        self._window.show_pane("training")

    def show_playground(self) -> None:
        self._window.show_pane("playground")

    def show_runs(self) -> None:
        self._window.show_pane("runs")

    def reset_layout(self) -> None:
        self._window.reset_layout()

    def full_screen(self) -> None:
        if self._window.isFullScreen():
            self._window.showNormal()
        else:
            self._window.showFullScreen()

    def theme_system(self) -> None:
        self._window.choose_theme("system")

    def theme_light(self) -> None:
        self._window.choose_theme("light")

    def theme_dark(self) -> None:
        self._window.choose_theme("dark")

    def language_en(self) -> None:
        self._window.choose_language("en")

    def language_zh_CN(self) -> None:
        self._window.choose_language("zh_CN")

    # --- Tools and Help --------------------------------------------------------------------------------

    def palette(self) -> None:
        self._window.open_palette()

    def personal(self) -> None:
        """Open the dialog of what was learnt from typing, or bring it to the front."""
        from studio.gui.personal.dialog import personal_dialog

        dialog = personal_dialog(self._session, self._window)
        dialog.show()
        dialog.raise_()
        dialog.activateWindow()

    def duel(self) -> None:
        """Open the duel of models, or bring it to the front."""
        if self._duel is None:
            from studio.gui.engine_view.duel import DuelDialog

            self._duel = DuelDialog(self._session, self._window)
        self._raise(self._duel)

    def evaluate_model(self) -> None:
        """Open the evaluation of models, or bring it to the front."""
        if self._evaluation is None:
            from studio.gui.evaluation.dialog import EvaluationDialog

            self._evaluation = EvaluationDialog(self._session, self._window)
        self._raise(self._evaluation)

    def evaluate_run(self, path: str) -> None:
        """Open the evaluation of models with this run."""
        self.evaluate_model()
        if self._evaluation is not None:
            self._evaluation.picker.choose(path)

    def language_models(self) -> None:
        """Open the dialog of imported language models, or bring it to the front."""
        if self._language_models is None:
            from studio.gui.language_models.dialog import LanguageModelsDialog

            self._language_models = LanguageModelsDialog(self._typed_with, self._window)
            self._language_models.changed.connect(self._decides_otherwise)
        self._raise(self._language_models)

    def _typed_with(self) -> str | None:
        """The model that the Playground types with."""
        chooser = getattr(self._window.docks["playground"].widget(), "chooser", None)
        return (chooser.path if chooser else "") or self._session.model_path()

    def _decides_otherwise(self) -> None:
        refresh = getattr(self._window.docks["playground"].widget(), "refresh_model", None)
        if refresh is not None:
            refresh()

    def open_run_folder(self) -> None:
        if self._session.folder is not None:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._session.folder.path)))

    def open_runs_home(self) -> None:
        paths.runs_home().mkdir(parents=True, exist_ok=True)
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(paths.runs_home())))

    def shortcuts(self) -> None:
        about.show_shortcuts(self._window)

    def about(self) -> None:
        box = QMessageBox(self._window)
        about.fill_about(box)
        box.open()

    @staticmethod
    def _raise(dialog: QDialog) -> None:
        dialog.show()
        dialog.raise_()
        dialog.activateWindow()

    def _recipe_name(self) -> str:
        name = self._session.values.get("name")
        return name if isinstance(name, str) and name else "recipe"
