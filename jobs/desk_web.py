"""The desk as a web application: a Gradio page around a canvas of our own, behind the door (desk_door.py).

What the canvas asks for are the routes of desk_routes.py. Gradio and its server are imported here only, inside functions, so that
other verbs start without them.

    door = application(desk, sessions)        # an ASGI application
"""

import os
from typing import TYPE_CHECKING

from beltline.language.figures import figures
from jobs.desk_door import USER, Door
from jobs.desk_routes import HERE, UserOf, routes
from jobs.desk_service import Desk, User
from jobs.desk_users import Sessions

if TYPE_CHECKING:
    from gradio import Blocks


def application(desk: Desk, sessions: Sessions) -> Door:
    """Everything behind the door."""
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
    import gradio
    from fastapi import FastAPI

    def user_of(name: str) -> User:
        return User(name, sessions.users[name].lead)

    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    routes(app, desk, user_of)
    mounted = gradio.mount_gradio_app(
        app,
        page(desk, user_of),
        "",
        auth_dependency=lambda request: request.scope.get(USER),
        footer_links=[],
        run_history=False,
        ssr_mode=False,
        show_error=False,
        theme=gradio.themes.Base(font=["system-ui", "sans-serif"], font_mono=["monospace"]),
        css=(HERE / "page.css").read_text(encoding="utf-8"),
    )
    return Door(mounted, sessions)


def page(desk: Desk, user_of: UserOf) -> "Blocks":
    """The Gradio page: the desk, and the figures for leads."""
    import gradio

    def told(request: gradio.Request) -> str:
        return (
            figures(desk.work, desk.content.boxes) if user_of(str(request.username)).lead else "Figures are for leads."
        )

    with gradio.Blocks(title="Beltline: review desk", analytics_enabled=False) as blocks:
        with gradio.Tabs():
            with gradio.Tab("Review"):
                gradio.HTML(
                    html_template='<div class="desk" data-desk></div>',
                    js_on_load=START,
                    apply_default_css=False,
                    elem_id="desk",
                )
            with gradio.Tab("Figures") as tab:
                shown = gradio.Markdown(sanitize_html=True)
                again = gradio.Button("Count again", size="sm")
        tab.select(told, outputs=shown, api_visibility="private")
        again.click(told, outputs=shown, api_visibility="private")
    return blocks


START = """
const root = element.querySelector("[data-desk]");
import("/desk/static/desk.js").then((desk) => desk.start(root));
"""
