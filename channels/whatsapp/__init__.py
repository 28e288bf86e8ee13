"""The parts of the WhatsApp channel; `channels.whatsapp_twilio` puts them together."""
